-- +goose Up

-- WebAuthn credentials, each made on one physical key. credential_id is what the
-- key calls it and is unique over everybody (WebAuthn Level 3 §7.1, step 26).
create table credential (
  id text not null,
  person text not null,
  key text not null,
  credential_id bytea not null,
  public_key bytea not null,
  model text not null,
  attestation text not null,
  hardware_bound boolean not null,
  sign_count bigint not null,
  transports text not null,
  backup_eligible boolean not null,
  backed_up boolean not null,
  state text not null,
  reason text not null,
  label text not null,
  created_at bigint not null,
  changed_at bigint not null,
  last_used_at bigint not null,
  constraint credential_pk primary key (id),
  constraint credential_credential_id_uq unique (credential_id),
  constraint credential_key_fk foreign key (key) references key (id),
  constraint credential_person_ck check (person <> ''),
  constraint credential_attestation_ck check (attestation in ('none', 'self', 'unverified', 'verified')),
  -- Only what is proven is hardware-bound, and what is hardware-bound is never copied.
  constraint credential_hardware_bound_ck check (
    not hardware_bound
    or (attestation = 'verified' and not backup_eligible)),
  constraint credential_backed_up_ck check (backup_eligible or not backed_up),
  constraint credential_sign_count_ck check (sign_count between 0 and 4294967295),
  constraint credential_state_ck check (state in ('active', 'suspended', 'revoked')),
  constraint credential_reason_ck check (state <> 'active' or reason = '')
);

create index credential_person_ix on credential (person, created_at, id);
create index credential_key_ix on credential (key, created_at, id);
