-- +goose Up

-- One allow, step-up or deny. The id begins with the time, so the order of ids
-- is the order of decisions. reasons are codes with their rules, separated by
-- spaces; the _marks are sets of bits, see access/decision/decisiondb. requests
-- has a line for each request the decision was for: milliseconds since at,
-- method, path.
create table decision (
  id text not null,
  at bigint not null,
  person text not null,
  session text not null,
  key text not null,
  service text not null,
  route text not null,
  ip text not null,
  effect text not null,
  reasons text not null,
  policy text not null,
  require_aal bigint not null,
  require_marks bigint not null,
  require_age bigint not null,
  had_method text not null, -- '' is nobody signed in
  had_aal bigint not null,
  had_marks bigint not null,
  auth_time bigint not null,
  request_count bigint not null,
  requests text not null,
  constraint decision_pk primary key (id),
  constraint decision_effect_ck check (effect in ('allow', 'step_up', 'deny')),
  constraint decision_request_count_ck check (request_count > 0)
);

create index decision_person_ix on decision (person, id);
create index decision_service_ix on decision (service, id);
create index decision_effect_ix on decision (effect, id) where effect <> 'allow';
