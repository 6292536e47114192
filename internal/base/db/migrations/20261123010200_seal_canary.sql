-- +goose Up

-- One value sealed with the master key, to notice a wrong one at start.
create table seal_canary (
  id text not null,
  sealed bytea not null,
  constraint seal_canary_pk primary key (id),
  constraint seal_canary_id_ck check (id = 'canary')
);
