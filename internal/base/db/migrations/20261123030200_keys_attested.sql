-- +goose Up

-- What attestation certificates tell about a key, and certificates that are one
-- model's own (SHA-1 of their public keys in hexadecimal, separated by spaces).
alter table key
add column firmware text not null default '';

alter table key_model
add column certificate_keys text not null default '';
