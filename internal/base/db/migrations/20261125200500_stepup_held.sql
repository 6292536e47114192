-- +goose Up

-- A request that waits, or waited, for a touch of the key. action_hash is what is
-- consented to, in hexadecimal; body is sealed, and null when there is none or it is
-- gone; sent_from is the origin of the page that sent it.
create table step_up (
  id text not null,
  session text not null,
  portal text not null,
  person text not null,
  service text not null,
  action text not null,
  title text not null,
  place text not null,
  keep bigint not null,
  method text not null,
  origin text not null,
  address text not null,
  amount text not null,
  content_type text not null,
  sent_from text not null,
  body bytea,
  body_sum text not null,
  action_hash text not null,
  state text not null,
  options bytea,
  challenge bytea,
  asked_at bigint not null,
  until bigint not null,
  decided_at bigint not null,
  credential text not null,
  used_at bigint not null,
  version bigint not null,
  constraint step_up_pk primary key (id),
  constraint step_up_state_ck check (state in ('waiting', 'granted', 'used', 'declined', 'abandoned', 'expired'))
);

create index step_up_session_ix on step_up (session, action_hash, asked_at);
create index step_up_until_ix on step_up (until) where state in ('waiting', 'granted');
create index step_up_person_ix on step_up (person) where state = 'waiting';
create index step_up_asked_ix on step_up (asked_at);
