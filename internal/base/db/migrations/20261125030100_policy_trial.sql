-- +goose Up

-- What a policy in report-only would have said where it differs from what was
-- decided. It goes when the decision does. department is the person's on that day.
create table policy_trial (
  number bigint not null,
  decision text not null,
  at bigint not null,
  person text not null,
  service text not null,
  department text not null,
  was text not null,
  effect text not null,
  reasons text not null,
  constraint policy_trial_pk primary key (number, decision),
  constraint policy_trial_decision_fk foreign key (decision) references decision (id) on delete cascade,
  constraint policy_trial_was_ck check (was in ('deny', 'step_up', 'allow')),
  constraint policy_trial_effect_ck check (effect in ('deny', 'step_up', 'allow')),
  constraint policy_trial_differs_ck check (effect <> was)
);

create index policy_trial_decision_ix on policy_trial (decision);

create index policy_trial_at_ix on policy_trial (number, at);

-- How many decisions each policy in report-only was asked about, day by day.
create table policy_trial_day (
  number bigint not null,
  day bigint not null,
  judged bigint not null,
  constraint policy_trial_day_pk primary key (number, day),
  constraint policy_trial_day_judged_ck check (judged > 0)
);
