-- +goose Up

-- When exceptions are looked at again, and what came of it. From lapses on, an open
-- review is missed. closed_at is 0 while it is open, asked_at until its reviewer was
-- written to; new_end is 0 unless somebody wanted another end.
create table exception_review (
  id text not null,
  exception text not null,
  due bigint not null,
  lapses bigint not null,
  reviewer text not null,
  state text not null,
  opened_at bigint not null,
  asked_at bigint not null,
  outcome text not null,
  cause text not null,
  note text not null,
  new_end bigint not null,
  decided_by text not null,
  closed_at bigint not null,
  constraint exception_review_pk primary key (id),
  constraint exception_review_exception_fk foreign key (exception) references exception (id),
  constraint exception_review_state_ck check (state in ('open', 'done', 'missed', 'dropped')),
  constraint exception_review_lapses_ck check (lapses > due),
  constraint exception_review_closed_ck check ((closed_at = 0) = (state = 'open')),
  constraint exception_review_done_ck check ((state = 'done') = (outcome <> '' and cause <> '' and note <> '' and decided_by <> ''))
);

-- An exception has one open review at a time.
create unique index exception_review_exception_uq on exception_review (exception)
where state = 'open';

create index exception_review_due_ix on exception_review (due) where state = 'open';
create index exception_review_of_ix on exception_review (exception, due);
