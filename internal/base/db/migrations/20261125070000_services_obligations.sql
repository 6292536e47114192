-- +goose Up

-- What a service is held to from outside, as words with blanks between them, in
-- order: "caf-b2 nhs-mfa-2023".
alter table service
add column obligations text not null default '';
