-- +goose Up

-- Leave for some people to sign in with less, for a time. floor_marks are bits, see
-- registry/assurance; controls, sunset, reviews, evidence, on_overdue and renewal are JSON.
create table exception (
  id text not null,
  number bigint not null,
  service_id text, -- null is every service
  route_id text, -- null is the whole service
  floor_aal bigint not null,
  floor_marks bigint not null,
  floor_age bigint not null,
  reason text not null,
  narrative text not null,
  likelihood bigint not null,
  impact bigint not null,
  risk text not null,
  controls text not null,
  sunset text not null,
  reviews text not null,
  evidence text not null,
  on_overdue text not null,
  state text not null,
  owner text not null,
  proposer_kind text not null,
  proposer text not null,
  approved_by text,
  approved_at bigint not null,
  starts_at bigint not null,
  ends_at bigint not null,
  renewal text not null, -- '' when none is asked for
  renewals bigint not null,
  for_board boolean not null,
  ending text not null,
  ended_at bigint not null,
  proposed_at bigint not null,
  changed_at bigint not null,
  version bigint not null,
  constraint exception_pk primary key (id),
  constraint exception_number_uq unique (number),
  constraint exception_service_fk foreign key (service_id) references service (id),
  constraint exception_route_fk foreign key (route_id) references service_route (id),
  constraint exception_owner_fk foreign key (owner) references person (id),
  constraint exception_approver_fk foreign key (approved_by) references person (id),
  constraint exception_state_ck check (state in ('proposed', 'approved', 'refused', 'withdrawn', 'ended', 'expired')),
  constraint exception_end_ck check (ends_at > starts_at),
  constraint exception_floor_ck check (floor_aal between 1 and 3),
  constraint exception_risk_ck check (likelihood between 1 and 5 and impact between 1 and 5),
  constraint exception_approved_ck check (state <> 'approved' or (approved_by is not null and approved_at > 0)),
  constraint exception_two_people_ck check (approved_by is null or (approved_by <> owner and (proposer_kind <> 'person' or approved_by <> proposer)))
);

create index exception_state_ix on exception (state, ends_at);

create table exception_person (
  exception_id text not null,
  person_id text not null,
  constraint exception_person_pk primary key (exception_id, person_id),
  constraint exception_person_exception_fk foreign key (exception_id) references exception (id),
  constraint exception_person_person_fk foreign key (person_id) references person (id)
);

create index exception_person_person_ix on exception_person (person_id);

-- Groups are kept by name, as policies speak of them.
create table exception_group (
  exception_id text not null,
  name text not null,
  constraint exception_group_pk primary key (exception_id, name),
  constraint exception_group_exception_fk foreign key (exception_id) references exception (id)
);

-- Who was warned of which end, how many days before it.
create table exception_warning (
  exception_id text not null,
  person_id text not null,
  ends_at bigint not null,
  days bigint not null,
  at bigint not null,
  constraint exception_warning_pk primary key (exception_id, person_id, ends_at, days),
  constraint exception_warning_exception_fk foreign key (exception_id) references exception (id)
);
