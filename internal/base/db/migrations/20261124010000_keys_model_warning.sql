-- +goose Up

-- What others warn of about makes of keys. make is an AAGUID, or the SHA-1 of an
-- attestation certificate's public key where a make has none. ends_at is zero while
-- nobody has said when the warning ends.
create table key_model_warning (
  make text not null,
  kind text not null,
  from_at bigint not null,
  ends_at bigint not null,
  constraint key_model_warning_pk primary key (make, kind),
  constraint key_model_warning_make_ck check (length(make) in (36, 40)),
  constraint key_model_warning_kind_ck check (kind in (
    'revoked', 'remote_compromise', 'physical_compromise', 'attestation_compromise', 'verification_bypass', 'retired'))
);
