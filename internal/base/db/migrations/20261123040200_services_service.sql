-- +goose Up

-- What people sign in to.
create table service (
  id text not null,
  slug text not null,
  name text not null,
  owner text,
  impact bigint not null,
  state text not null,
  header_user text not null,
  header_email text not null,
  header_name text not null,
  header_groups text not null,
  created_at bigint not null,
  changed_at bigint not null,
  constraint service_pk primary key (id),
  constraint service_slug_uq unique (slug),
  constraint service_owner_fk foreign key (owner) references person (id),
  constraint service_impact_ck check (impact between 0 and 5),
  constraint service_state_ck check (state in ('admitted', 'retired'))
);

-- One way into a service. methods is a sorted list with commas; empty is every method.
create table service_route (
  id text not null,
  service_id text not null,
  host text not null,
  path_prefix text not null,
  methods text not null,
  upstream text not null,
  created_at bigint not null,
  constraint service_route_pk primary key (id),
  constraint service_route_service_fk foreign key (service_id) references service (id),
  constraint service_route_host_uq unique (host, path_prefix, methods),
  constraint service_route_host_ck check (host <> '' and host = lower(host)),
  constraint service_route_path_prefix_ck check (substr(path_prefix, 1, 1) = '/')
);

create index service_route_service_ix on service_route (service_id);
