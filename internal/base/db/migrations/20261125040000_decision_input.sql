-- +goose Up

-- What was known when a decision was made, as access/policy/canonical writes it, but
-- for what the other columns say. Null: the request was refused before any policy was
-- asked, or the decision was made before this was kept.
alter table decision add column input bytea;
