-- +goose Up

-- A policy text begins as a draft, may be tried in report-only, is enforced, and is
-- retired when another takes its place. SQLite cannot change a check, so the rows
-- are moved to a table that is there for this step only.
create table policy_version_moved (
  number bigint not null,
  version text not null,
  name text not null,
  body text not null,
  state text not null,
  published_by text not null,
  published_at bigint not null
);

insert into policy_version_moved (number, version, name, body, state, published_by, published_at)
select number, version, name, body, state, published_by, published_at
from policy_version;

drop table policy_version;

-- version is what its writer called it. revision grows with every change, so that
-- whoever changes what they have seen finds out that somebody else was first.
-- published_at is 0 for what was never enforced.
create table policy_version (
  number bigint not null,
  version text not null,
  name text not null,
  body text not null,
  tests text not null,
  state text not null,
  revision bigint not null,
  saved_by text not null,
  saved_at bigint not null,
  published_by text not null,
  published_at bigint not null,
  since bigint not null,
  constraint policy_version_pk primary key (number),
  constraint policy_version_version_uq unique (version),
  constraint policy_version_number_ck check (number > 0),
  constraint policy_version_version_ck check (version <> ''),
  constraint policy_version_revision_ck check (revision > 0),
  constraint policy_version_state_ck check (state in ('draft', 'report_only', 'enforced', 'retired')),
  constraint policy_version_published_ck check (state <> 'enforced' or published_at > 0)
);

-- There is never more than one that decides.
create unique index policy_version_enforced_uq on policy_version (state)
where state = 'enforced';

insert into policy_version (number, version, name, body, tests, state, revision, saved_by, saved_at, published_by, published_at, since)
select number, version, name, body, '', case state when 'superseded' then 'retired' else state end, 1,
  published_by, published_at, published_by, published_at, published_at
from policy_version_moved;

drop table policy_version_moved;
