-- +goose Up
create table signing_key (
  key_id text not null,
  private_key bytea not null,
  created_at bigint not null,
  constraint signing_key_pk primary key (key_id)
);
