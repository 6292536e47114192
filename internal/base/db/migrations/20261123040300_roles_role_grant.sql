-- +goose Up

-- Who administers Warder.
create table role_grant (
  person_id text not null,
  role text not null,
  at bigint not null,
  constraint role_grant_pk primary key (person_id, role),
  constraint role_grant_person_fk foreign key (person_id) references person (id),
  constraint role_grant_role_ck check (role in ('administrator', 'security_lead', 'service_desk', 'auditor'))
);

create index role_grant_role_ix on role_grant (role, person_id);
