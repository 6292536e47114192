-- +goose Up

-- Every policy text that was ever published. number counts up; version is what
-- its writer called it. Exactly one is enforced.
create table policy_version (
  number bigint not null,
  version text not null,
  name text not null,
  body text not null,
  state text not null,
  published_by text not null,
  published_at bigint not null,
  constraint policy_version_pk primary key (number),
  constraint policy_version_version_uq unique (version),
  constraint policy_version_number_ck check (number > 0),
  constraint policy_version_version_ck check (version <> ''),
  constraint policy_version_state_ck check (state in ('enforced', 'superseded'))
);

create unique index policy_version_enforced_uq on policy_version (state)
where state = 'enforced';
