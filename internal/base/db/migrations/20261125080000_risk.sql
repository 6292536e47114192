-- +goose Up

-- What is usual for a person, and what is held against a way in. Bounded per person, and forgotten.
create table risk_known (
  person text not null,
  kind text not null,
  value text not null, -- a network, the number of an operator, a country, the name of a device, an hour, a key
  first_at bigint not null,
  last_at bigint not null,
  confirmed_at bigint not null,
  times bigint not null,
  constraint risk_known_pk primary key (person, kind, value),
  constraint risk_known_kind_ck check (kind in ('network', 'asn', 'country', 'device', 'hour', 'blocked_network', 'blocked_device', 'lost_key'))
);

create index risk_known_last_at_ix on risk_known (last_at);

-- What was found about a session in one network.
create table risk_sight (
  session text not null,
  network text not null, -- '' when the address is not known
  person text not null,
  address text not null,
  device text not null,
  at bigint not null,
  raised boolean not null,
  objection_hash bytea, -- SHA-256 of what the person was sent; null when nothing was
  answer text not null,
  body text not null, -- JSON: place, signals, the way from the event before
  constraint risk_sight_pk primary key (session, network),
  constraint risk_sight_answer_ck check (answer in ('', 'was_me', 'was_not_me', 'confirmed'))
);

create index risk_sight_person_ix on risk_sight (person, at);

create index risk_sight_at_ix on risk_sight (at);

create unique index risk_sight_objection_ux on risk_sight (objection_hash) where objection_hash is not null;

-- Somebody's word that a sign-in was not theirs.
create table risk_case (
  id text not null,
  person text not null,
  session text not null,
  network text not null,
  device text not null,
  opened_at bigint not null,
  closed_at bigint not null, -- 0 while it is open
  closed_by text not null,
  finding text not null,
  constraint risk_case_pk primary key (id)
);

create index risk_case_closed_at_ix on risk_case (closed_at, opened_at);
