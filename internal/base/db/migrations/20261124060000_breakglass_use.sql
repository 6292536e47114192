-- +goose Up

-- One time that Warder was opened in an emergency, a test of it, or a recovery on
-- the host. It begins with the touch of the first key; nothing is kept before.
create table breakglass_use (
  id text not null,
  purpose text not null,
  state text not null,
  reason text not null,
  first_person text not null, -- the identity; of a recovery, who was recovered
  first_credential text not null,
  first_key text not null,
  first_holder text not null, -- who says they held the key; of a recovery, the user of the operating system
  second_person text not null, -- '' until the second key was touched
  second_credential text not null,
  second_key text not null,
  second_holder text not null,
  browser text not null, -- SHA-256 of the browser's secret, in hexadecimal
  challenge text not null, -- SHA-256 of the first challenge, so that one answer counts once; of a recovery its own id
  begun_at bigint not null,
  opened_at bigint not null, -- second touch; 0 until then
  until bigint not null, -- of waiting ones: when they lapse; of open ones: when they end
  session text not null, -- '' when there was none
  ended_at bigint not null,
  end_reason text not null,
  reviewer text not null,
  reviewed_at bigint not null,
  found text not null,
  constraint breakglass_use_pk primary key (id),
  constraint breakglass_use_challenge_uq unique (challenge),
  constraint breakglass_use_purpose_ck check (purpose in ('use', 'test', 'recover')),
  constraint breakglass_use_state_ck check (state in ('waiting', 'open', 'closed', 'tested', 'lapsed', 'reviewed')),
  constraint breakglass_use_two_people_ck check (second_person = '' or second_person <> first_person),
  constraint breakglass_use_open_ck check (state <> 'open' or (purpose = 'use' and session <> '' and second_person <> '')),
  constraint breakglass_use_reviewed_ck check ((state = 'reviewed') = (reviewer <> ''))
);

-- At most one is open at a time.
create unique index breakglass_use_open_uq on breakglass_use (state) where state = 'open';
create index breakglass_use_state_ix on breakglass_use (state, begun_at);
create index breakglass_use_begun_at_ix on breakglass_use (begun_at, id);

-- Identities for emergencies are few among many people, and asked for by anybody.
create index person_break_glass_ix on person (user_name) where kind = 'break_glass';

-- A recovery on the host that was made before there was this table has only its
-- entry in the audit record.
insert into breakglass_use (id, purpose, state, reason, first_person, first_credential, first_key, first_holder,
  second_person, second_credential, second_key, second_holder, browser, challenge,
  begun_at, opened_at, until, session, ended_at, end_reason, reviewer, reviewed_at, found)
select 'use_' || substr(id, 5), 'recover', 'closed', 'See the audit record.', subject, '', '', actor_id,
  '', '', '', '', '', id,
  at, at, 0, '', at, 'recovered', '', 0, ''
from audit_entry
where action = 'recover.used';
