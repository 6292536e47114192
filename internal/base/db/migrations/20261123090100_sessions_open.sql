-- +goose Up

-- The list of everybody who is signed in, newest first.
create index session_open_ix on session (created_at, id) where ended_at = 0 and parent is null;
