-- +goose Up

-- Which node does a piece of repeated work, and until when.
create table job_lease (
  name text not null,
  holder text not null,
  until bigint not null,
  constraint job_lease_pk primary key (name)
);
