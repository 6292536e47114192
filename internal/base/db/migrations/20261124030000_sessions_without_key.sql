-- +goose Up

-- A session may hang from a code from an app, which came beside a password and
-- has no key. SQLite cannot change a rule of a table, so it is made anew; every
-- session stays as it is. Tickets last a minute; a browser that has one asks again.
create table session_kept as
select id, token_hash, parent, host, person, credential, key,
  method, aal, phishing_resistant, hardware_bound, attested, user_verified, amr,
  auth_time, created_at, last_seen_at, absolute_end, ended_at, end_reason, ip, user_agent
from session;

drop table session_ticket;

drop table session;

create table session (
  id text not null,
  token_hash bytea not null,
  parent text,
  host text not null,
  person text not null,
  credential text not null,
  key text not null, -- '' when it was begun without one
  method text not null,
  aal bigint not null,
  phishing_resistant boolean not null,
  hardware_bound boolean not null,
  attested boolean not null,
  user_verified boolean not null,
  amr text not null,
  auth_time bigint not null,
  created_at bigint not null,
  last_seen_at bigint not null,
  absolute_end bigint not null,
  ended_at bigint not null,
  end_reason text not null,
  ip text not null,
  user_agent text not null,
  constraint session_pk primary key (id),
  constraint session_token_hash_uq unique (token_hash),
  constraint session_parent_fk foreign key (parent) references session (id),
  constraint session_token_hash_ck check (length(token_hash) = 32),
  constraint session_host_ck check ((parent is null) = (host = '')),
  constraint session_person_ck check (person <> '' and credential <> ''),
  -- Only what Warder has a ceremony for. What goes through a telephone network or a
  -- mailbox never signs anyone in.
  constraint session_method_ck check (method in ('totp', 'passkey_synced', 'passkey_device', 'security_key', 'security_key_attested')),
  constraint session_key_ck check ((key = '') = (method = 'totp')),
  -- What only a key proves is not claimed without one.
  constraint session_keyless_ck check (method <> 'totp'
    or (aal = 2 and not phishing_resistant and not hardware_bound and not attested and not user_verified)),
  constraint session_aal_ck check (aal between 1 and 3),
  constraint session_times_ck check (auth_time <= created_at and created_at <= absolute_end),
  constraint session_ended_ck check ((ended_at = 0) = (end_reason = ''))
);

insert into session (id, token_hash, parent, host, person, credential, key,
  method, aal, phishing_resistant, hardware_bound, attested, user_verified, amr,
  auth_time, created_at, last_seen_at, absolute_end, ended_at, end_reason, ip, user_agent)
select id, token_hash, parent, host, person, credential, key,
  method, aal, phishing_resistant, hardware_bound, attested, user_verified, amr,
  auth_time, created_at, last_seen_at, absolute_end, ended_at, end_reason, ip, user_agent
from session_kept;

drop table session_kept;

create index session_parent_ix on session (parent);
create index session_key_ix on session (key);
create index session_person_ix on session (person, created_at, id);
create index session_aal_ix on session (aal, last_seen_at) where ended_at = 0;
create index session_absolute_end_ix on session (absolute_end) where ended_at = 0;

-- The promise of one gate session. Redeeming it removes the row.
create table session_ticket (
  ticket_hash bytea not null,
  parent text not null,
  host text not null,
  expires_at bigint not null,
  constraint session_ticket_pk primary key (ticket_hash),
  constraint session_ticket_parent_fk foreign key (parent) references session (id),
  constraint session_ticket_ticket_hash_ck check (length(ticket_hash) = 32),
  constraint session_ticket_host_ck check (host <> '')
);

create index session_ticket_expires_ix on session_ticket (expires_at);

create index session_open_ix on session (created_at, id) where ended_at = 0 and parent is null;
