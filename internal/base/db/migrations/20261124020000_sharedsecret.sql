-- +goose Up

-- What a person and Warder both know: passwords, authenticator apps, recovery codes.
-- sealed is bound to id, person and method, and empty once the secret is revoked.
-- person is of another room, so there is no foreign key.
create table shared_secret (
  id text not null,
  person text not null,
  method text not null,
  state text not null,
  reason text not null,
  label text not null,
  sealed bytea not null,
  step bigint not null,
  created_at bigint not null,
  changed_at bigint not null,
  last_used_at bigint not null,
  constraint shared_secret_pk primary key (id),
  constraint shared_secret_person_ck check (person <> ''),
  constraint shared_secret_method_ck check (method in ('password', 'totp', 'recovery_code')),
  constraint shared_secret_state_ck check (state in ('active', 'suspended', 'revoked')),
  constraint shared_secret_reason_ck check ((state = 'active') = (reason = '')),
  constraint shared_secret_sealed_ck check ((length(sealed) = 0) = (state = 'revoked' or method = 'recovery_code')),
  constraint shared_secret_step_ck check (step = 0 or method = 'totp')
);

-- A person has one password and one set of recovery codes.
create unique index shared_secret_person_uq on shared_secret (person, method)
where state <> 'revoked'
and method <> 'totp';

create index shared_secret_person_ix on shared_secret (person, created_at, id);
create index shared_secret_method_ix on shared_secret (method, person) where state = 'active';

-- The recovery codes of a set. code_hash is SHA-256 of 120 random bits. used_at is 0
-- until the code is used, which happens once.
create table recovery_code (
  secret text not null,
  code_hash bytea not null,
  used_at bigint not null,
  constraint recovery_code_pk primary key (secret, code_hash),
  constraint recovery_code_secret_fk foreign key (secret) references shared_secret (id),
  constraint recovery_code_code_hash_ck check (length(code_hash) = 32)
);
