-- +goose Up

-- Who changed what. Rows are only ever added.
create table audit_entry (
  id text not null,
  at bigint not null,
  turn bigint not null,
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  subject text not null,
  details text not null,
  constraint audit_entry_pk primary key (id),
  constraint audit_entry_actor_kind_ck check (actor_kind in ('nobody', 'person', 'command', 'system')),
  constraint audit_entry_action_ck check (action <> '')
);

create index audit_entry_at_ix on audit_entry (at, turn, id);
create index audit_entry_subject_ix on audit_entry (subject, at);
create index audit_entry_actor_ix on audit_entry (actor_id, at);

-- The chain. No foreign key to audit_entry: a removed entry must leave its place.
create table audit_link (
  number bigint not null,
  entry text not null,
  previous bytea not null,
  hash bytea not null,
  constraint audit_link_pk primary key (number),
  constraint audit_link_entry_uq unique (entry)
);

-- The end of the chain, one row, sealed with the master key.
create table audit_head (
  id text not null,
  number bigint not null,
  hash bytea not null,
  seal bytea not null,
  constraint audit_head_pk primary key (id),
  constraint audit_head_id_ck check (id = 'head')
);
