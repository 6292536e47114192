-- +goose Up

-- How somebody who cannot sign in any more comes to a new key. People, keys and
-- passes are of other rooms, so there are no foreign keys to them.
create table recovery_case (
  id text not null,
  person text not null,
  state text not null,
  privileged boolean not null,
  why text not null,
  lost text not null, -- keys that are stated to be gone, JSON
  opener_kind text not null,
  opener text not null,
  method text not null, -- '' until it is said
  note text not null,
  checker_kind text not null, -- '' until somebody has checked
  checker text not null,
  cools_until bigint not null, -- 0 before it cools off
  pass text not null,
  credential text not null,
  objection_hash bytea not null,
  ending text not null,
  opened_at bigint not null,
  expires_at bigint not null,
  closed_at bigint not null, -- 0 while it is open
  version bigint not null,
  constraint recovery_case_pk primary key (id),
  constraint recovery_case_objection_hash_uq unique (objection_hash),
  constraint recovery_case_state_ck check (state in ('opened', 'checked', 'cooling_off', 'ready', 'pass_issued', 'registered',
    'completed', 'refused', 'withdrawn', 'stopped', 'expired')),
  constraint recovery_case_why_ck check (why in ('lost_all', 'forgotten', 'broken', 'new_device', 'first_key')),
  constraint recovery_case_method_ck check (method in ('', 'in_person', 'video', 'line_manager', 'colleague')),
  -- Nobody is their own service desk.
  constraint recovery_case_opener_ck check (opener <> person and checker <> person),
  -- For somebody with a role time must pass before there is a pass.
  constraint recovery_case_cools_until_ck check (not privileged or cools_until > 0 or pass = ''),
  constraint recovery_case_closed_at_ck check ((closed_at > 0) = (state in ('completed', 'refused', 'withdrawn', 'stopped', 'expired')))
);

-- At most one open case for each person.
create unique index recovery_case_person_uq on recovery_case (person) where closed_at = 0;

create index recovery_case_opened_at_ix on recovery_case (opened_at, id);
create index recovery_case_pass_ix on recovery_case (pass) where pass <> '';
create index recovery_case_credential_ix on recovery_case (credential) where credential <> '';

-- Who has approved a case: each once.
create table recovery_approval (
  recovery text not null,
  person text not null,
  leads boolean not null,
  approved_at bigint not null,
  constraint recovery_approval_pk primary key (recovery, person),
  constraint recovery_approval_recovery_fk foreign key (recovery) references recovery_case (id)
);

-- What each agent of the service desk has done, to be counted.
create table desk_use (
  agent text not null,
  deed text not null,
  used_at bigint not null,
  constraint desk_use_deed_ck check (deed in ('looked_up', 'opened', 'held_back'))
);

create index desk_use_agent_ix on desk_use (agent, deed, used_at);
create index desk_use_used_at_ix on desk_use (used_at);
