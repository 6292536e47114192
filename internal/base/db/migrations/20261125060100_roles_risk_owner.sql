-- +goose Up

-- A seventh role. Neither engine changes a check of the other's in place, so the
-- table is made anew.
create table role_grant_before (
  person_id text not null,
  role text not null,
  at bigint not null
);

insert into role_grant_before (person_id, role, at)
select person_id, role, at
from role_grant;

drop table role_grant;

create table role_grant (
  person_id text not null,
  role text not null,
  at bigint not null,
  constraint role_grant_pk primary key (person_id, role),
  constraint role_grant_person_fk foreign key (person_id) references person (id),
  constraint role_grant_role_ck check (role in ('administrator', 'security_lead', 'key_custodian', 'service_desk', 'auditor', 'exercise_lead', 'risk_owner'))
);

create index role_grant_role_ix on role_grant (role, person_id);

insert into role_grant (person_id, role, at)
select person_id, role, at
from role_grant_before;

drop table role_grant_before;
