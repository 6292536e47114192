-- +goose Up

-- What a unit of work has changed, for other processes on the same file.
-- PostgreSQL tells it by NOTIFY in the same transaction.
-- only: sqlite
create table live_change (
  number integer not null,
  node text not null,
  topic text not null,
  ref text not null,
  at bigint not null,
  constraint live_change_pk primary key (number)
);

-- Serving processes, and when each was last heard.
create table live_node (
  node text not null,
  started_at bigint not null,
  heard_at bigint not null,
  constraint live_node_pk primary key (node)
);

-- A serving process has applied everything that was committed before the question.
create table live_ack (
  question text not null,
  node text not null,
  at bigint not null,
  constraint live_ack_pk primary key (question, node)
);
