-- +goose Up

-- Who has used which service, and when last: decisions, summed up. The mark is the last
-- decision that is in it.
create table service_use (
  person text not null,
  service text not null,
  last_at bigint not null,
  constraint service_use_pk primary key (person, service)
);

create table service_use_mark (
  one bigint not null,
  decision text not null,
  constraint service_use_mark_pk primary key (one),
  constraint service_use_mark_one_ck check (one = 1)
);
