-- +goose Up

-- Messages to people.
create table mail (
  id text not null,
  recipient text not null,
  person text not null,
  subject text not null,
  text text not null,
  created_at bigint not null,
  constraint mail_pk primary key (id)
);

create index mail_created_ix on mail (created_at, id);
