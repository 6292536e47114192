-- +goose Up

-- Everybody in the directory. starts and ends are calendar dates, YYYY-MM-DD or
-- empty: a working day is not a moment.
create table person (
  id text not null,
  user_name text not null,
  name text not null,
  email text not null,
  email_lower text,
  employee_id text not null,
  department text not null,
  job_title text not null,
  kind text not null,
  manager text,
  starts text not null,
  ends text not null,
  state text not null,
  search text not null,
  created_at bigint not null,
  changed_at bigint not null,
  constraint person_pk primary key (id),
  constraint person_user_name_uq unique (user_name),
  constraint person_email_lower_uq unique (email_lower),
  constraint person_manager_fk foreign key (manager) references person (id) deferrable initially deferred,
  constraint person_user_name_ck check (user_name <> '' and user_name = lower(user_name)),
  constraint person_kind_ck check (kind in ('person', 'service', 'guest', 'shared', 'break_glass')),
  constraint person_state_ck check (state in ('active', 'suspended', 'left')),
  constraint person_dates_ck check (starts = '' or ends = '' or starts <= ends)
);

create index person_department_ix on person (department, user_name);
create index person_manager_ix on person (manager);

-- Named sets of people.
create table people_group (
  id text not null,
  name text not null,
  created_at bigint not null,
  constraint people_group_pk primary key (id),
  constraint people_group_name_uq unique (name)
);

-- Who is in a group, and whether a hand or a feed put them there.
create table people_group_member (
  group_id text not null,
  person_id text not null,
  source text not null,
  added_at bigint not null,
  constraint people_group_member_pk primary key (group_id, person_id, source),
  constraint people_group_member_group_fk foreign key (group_id) references people_group (id),
  constraint people_group_member_person_fk foreign key (person_id) references person (id),
  constraint people_group_member_source_ck check (source in ('hand', 'feed'))
);

create index people_group_member_person_ix on people_group_member (person_id);
