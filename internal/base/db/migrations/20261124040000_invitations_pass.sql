-- +goose Up

-- A pass is an invitation that is told as a code. It may begin later than it was
-- made, and may belong to a recovery case.
alter table invitation
add column kind text not null default 'link' constraint invitation_kind_ck check (kind in ('link', 'pass'));

alter table invitation
add column starts_at bigint not null default 0;

alter table invitation
add column recovery text not null default '';
