-- +goose Up

-- Where a message stands. What was written before there was delivery is kept, and never sent.
alter table mail add column state text not null default 'kept'
  constraint mail_state_ck check (state in ('kept', 'waiting', 'delivered', 'failed'));

-- How often it was tried, when it is tried next, when it was delivered or given up, and what was answered last.
alter table mail add column tries bigint not null default 0;

alter table mail add column next_at bigint not null default 0;

alter table mail add column settled_at bigint not null default 0;

alter table mail add column answer text not null default '';

create index mail_state_ix on mail (state, next_at, id);
