-- +goose Up

-- What in a service asks for a touch of the key at that moment. methods are
-- separated by commas, '' is every method; the amounts are 0 where they are no
-- condition; keep is in milliseconds, 0 is once.
create table service_action (
  service_id text not null,
  name text not null,
  title text not null,
  methods text not null,
  path_prefix text not null,
  query text not null,
  body_over bigint not null,
  response_over bigint not null,
  rows_over bigint not null,
  keep bigint not null,
  constraint service_action_pk primary key (service_id, name),
  constraint service_action_service_id_fk foreign key (service_id) references service (id)
);
