-- +goose Up

-- Where the holder of a key keeps it, in their words, and whether they are to
-- hand it back because they sign in with it no more.
alter table key
add column place text not null default '';

alter table key
add column to_return boolean not null default false;
