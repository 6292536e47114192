-- +goose Up

-- Addresses that people had, and until when: whoever takes over an account and
-- changes its address must not thereby silence what its owner is told. The person
-- is of another room, so there is no foreign key.
create table former_email (
  person text not null,
  email text not null,
  replaced_at bigint not null,
  constraint former_email_pk primary key (person, email),
  constraint former_email_email_ck check (email <> '')
);

create index former_email_replaced_ix on former_email (replaced_at);
