-- +goose Up

-- Guesses in a row: of a place, of an account, of an account at a place.
create table throttle_count (
  name text not null,
  account text not null, -- hash of the name that was typed; '' of a place
  kind text not null, -- the method; '' of a place
  failures bigint not null,
  shared bigint not null, -- of a pair: how many its account has counted too
  told bigint not null, -- how many there were when the record was told
  most bigint not null, -- failures in a row at which it stops; 0 is never
  free_at bigint not null,
  touched_at bigint not null,
  constraint throttle_count_pk primary key (name),
  constraint throttle_count_failures_ck check (failures >= 0 and shared between 0 and failures and told >= 0)
);

create index throttle_count_account_ix on throttle_count (account);

create index throttle_count_touched_at_ix on throttle_count (touched_at);

-- Where somebody has lately proven who they are: two places for each account.
create table throttle_place (
  account text not null, -- hash, as above
  source text not null,
  proven_at bigint not null,
  constraint throttle_place_pk primary key (account, source)
);

create index throttle_place_proven_at_ix on throttle_place (proven_at);
