-- +goose Up

-- Attempts learn to remember a password, a code, and what they opened. An attempt
-- lives ten minutes: those under way are begun again.
drop table signin_attempt;

create table signin_attempt (
  id text not null,
  browser_hash bytea not null,
  purpose text not null,
  aal bigint not null,
  phishing_resistant boolean not null,
  hardware_bound boolean not null,
  attested boolean not null,
  user_verified boolean not null,
  forbid bigint not null, -- bits of assurance.Weakness
  max_age bigint not null, -- milliseconds; 0 is no limit of its own
  service text not null, -- '' is the portal itself
  return_scheme text not null,
  return_host text not null,
  return_path text not null,
  return_state text not null,
  user_name text not null, -- as typed; '' when none was
  person text not null, -- '' while it is not known
  session text not null, -- which the browser had; '' is none
  invitation text not null,
  credential text not null,
  password text not null, -- id of the password that was right; '' when none was given
  password_at bigint not null,
  code text not null, -- id of the app or the set of recovery codes
  code_method text not null,
  code_at bigint not null,
  opening text not null, -- what led into a registration; '' when nothing in the attempt did
  opener text not null, -- the key that did
  state text not null,
  ceremony bytea,
  options bytea,
  tries bigint not null,
  refusal text not null,
  shortfall bigint not null,
  result_session text not null,
  created_at bigint not null,
  expires_at bigint not null,
  version bigint not null,
  constraint signin_attempt_pk primary key (id),
  constraint signin_attempt_purpose_ck check (purpose in ('sign_in', 'step_up', 'enrol')),
  constraint signin_attempt_state_ck check (state in
    ('identifying', 'using_key', 'giving_password', 'giving_code', 'registering', 'confirming', 'finished', 'stopped')),
  -- No code counts without the password before it.
  constraint signin_attempt_password_ck check (state <> 'giving_code' or (password <> '' and person <> '')),
  constraint signin_attempt_code_ck check (code = '' or password <> ''),
  constraint signin_attempt_opening_ck check (opening = ''
    or (opening in ('secrets', 'recovery_code') and code <> '' and invitation = '')
    or (opening = 'key' and opener <> '' and invitation = '')),
  constraint signin_attempt_aal_ck check (aal between 1 and 3),
  constraint signin_attempt_tries_ck check (tries between 0 and 5),
  constraint signin_attempt_session_ck check (result_session = '' or state = 'finished')
);

create index signin_attempt_expires_at_ix on signin_attempt (expires_at);
