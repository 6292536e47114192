-- +goose Up

-- Forecasts that were made of drafts, without their lists. draft is the SHA-256 of the
-- text; against is the version that was in force, '' when none was.
create table policy_forecast (
  id text not null,
  draft text not null,
  version text not null,
  against text not null,
  for_day bigint not null,
  scope text not null,
  made_at bigint not null,
  made_by_kind text not null,
  made_by_id text not null,
  people bigint not null,
  blockers bigint not null,
  findings text not null,
  constraint policy_forecast_pk primary key (id),
  constraint policy_forecast_draft_ck check (length(draft) = 64)
);

create index policy_forecast_draft_ix on policy_forecast (draft, against, made_at);

-- The word of two administrators against a forecast. The second is never the first.
create table policy_override (
  id text not null,
  draft text not null,
  version text not null,
  against text not null,
  forecast text not null,
  reason text not null,
  state text not null,
  asked_by text not null,
  asked_at bigint not null,
  until bigint not null,
  decided_by text not null,
  decided_at bigint not null,
  used_at bigint not null,
  constraint policy_override_pk primary key (id),
  constraint policy_override_forecast_fk foreign key (forecast) references policy_forecast (id),
  constraint policy_override_state_ck check (state in ('asked', 'approved', 'refused', 'used')),
  constraint policy_override_asked_ck check (asked_by <> '' and reason <> ''),
  constraint policy_override_second_ck check (state not in ('approved', 'used') or (decided_by <> '' and decided_by <> asked_by)),
  constraint policy_override_used_at_ck check ((used_at = 0) = (state <> 'used'))
);

create index policy_override_draft_ix on policy_override (draft, against, asked_at);
