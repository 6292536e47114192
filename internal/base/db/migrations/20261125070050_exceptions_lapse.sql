-- +goose Up

-- From lapses_at on, if nobody has reviewed an exception, its stricter floor holds, or
-- none when fallback_aal is 0. lapses_at is 0 when no review is due. The floor stands in
-- on_overdue too; here it is for those who decide with it.
alter table exception
add column lapses_at bigint not null default 0;

alter table exception
add column fallback_aal bigint not null default 0;

alter table exception
add column fallback_marks bigint not null default 0;

alter table exception
add column fallback_age bigint not null default 0;
