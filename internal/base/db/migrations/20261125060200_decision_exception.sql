-- +goose Up

-- The exception without which the request would not have been allowed; '' is none.
alter table decision add column exception text not null default '';

create index decision_exception_ix on decision (exception, id) where exception <> '';
