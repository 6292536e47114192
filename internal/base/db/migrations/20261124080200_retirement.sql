-- +goose Up

-- Weak methods that were taken from people once a strong one had proven itself. A
-- secret is disabled until until, then removed; before that, somebody else than who
-- disabled it can give it back. ended_at is 0 while it is disabled.
create table retirement (
  id text not null,
  secret text not null,
  person text not null,
  method text not null,
  state text not null,
  by_kind text not null,
  by_id text not null,
  at bigint not null,
  until bigint not null,
  ended_by_kind text not null,
  ended_by_id text not null,
  ended_at bigint not null,
  reason text not null,
  constraint retirement_pk primary key (id),
  constraint retirement_secret_fk foreign key (secret) references shared_secret (id),
  constraint retirement_person_ck check (person <> ''),
  constraint retirement_state_ck check (state in ('disabled', 'restored', 'removed')),
  constraint retirement_until_ck check (until > at),
  constraint retirement_ended_at_ck check ((ended_at = 0) = (state = 'disabled'))
);

-- A secret is disabled once at a time.
create unique index retirement_secret_uq on retirement (secret)
where state = 'disabled';

create index retirement_until_ix on retirement (until) where state = 'disabled';
create index retirement_method_ix on retirement (method, at, id);
