-- +goose Up

-- The list of the FIDO Metadata Service in use: at most one row, whose one is true.
create table fido_metadata (
  one boolean not null,
  number bigint not null,
  next_update text not null,
  legal_header text not null,
  payload_hash bytea not null,
  signer text not null,
  root_name text not null,
  root_fingerprint text not null,
  root_until bigint not null,
  entries bigint not null,
  ignored bigint not null,
  imported_at bigint not null,
  constraint fido_metadata_pk primary key (one),
  constraint fido_metadata_one_ck check (one),
  constraint fido_metadata_number_ck check (number >= 0),
  constraint fido_metadata_payload_hash_ck check (length(payload_hash) = 32),
  constraint fido_metadata_next_update_ck check (length(next_update) = 10)
);

-- What it says, entry by entry. Lists are JSON, never queried.
create table fido_entry (
  position bigint not null,
  aaguid text not null,
  certificate_keys text not null,
  description text not null,
  protection text not null,
  roots text not null,
  reports text not null,
  constraint fido_entry_pk primary key (position),
  constraint fido_entry_make_ck check (aaguid <> '' or certificate_keys <> '')
);
