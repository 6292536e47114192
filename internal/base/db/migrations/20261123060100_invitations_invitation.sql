-- +goose Up

-- A one-time link with which one person can register a key.
create table invitation (
  id text not null,
  token_hash bytea not null,
  person text not null,
  actor_kind text not null,
  actor text not null,
  created_at bigint not null,
  expires_at bigint not null,
  closed_at bigint not null, -- used or replaced; 0 while open
  constraint invitation_pk primary key (id),
  constraint invitation_token_hash_uq unique (token_hash),
  constraint invitation_closed_at_ck check (closed_at >= 0)
);

-- At most one open link for each person.
create unique index invitation_person_uq on invitation (person) where closed_at = 0;
