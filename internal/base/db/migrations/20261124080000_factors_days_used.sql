-- +goose Up

-- On how many different days (UTC) a credential has signed its holder in: a weaker
-- method may go once a strong one has proven itself on two.
alter table credential add column days_used bigint not null default 0
  constraint credential_days_used_ck check (days_used >= 0);

update credential
set days_used = 1
where last_used_at > 0;
