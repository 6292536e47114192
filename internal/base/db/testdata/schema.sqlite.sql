-- Written by go test ./internal/base/db -run GoldenSchema -update
CREATE TABLE audit_entry (
  id text not null,
  at bigint not null,
  turn bigint not null,
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  subject text not null,
  details text not null,
  constraint audit_entry_pk primary key (id),
  constraint audit_entry_actor_kind_ck check (actor_kind in ('nobody', 'person', 'command', 'system')),
  constraint audit_entry_action_ck check (action <> '')
);
CREATE INDEX audit_entry_actor_ix on audit_entry (actor_id, at);
CREATE INDEX audit_entry_at_ix on audit_entry (at, turn, id);
CREATE INDEX audit_entry_subject_ix on audit_entry (subject, at);
CREATE TABLE audit_head (
  id text not null,
  number bigint not null,
  hash bytea not null,
  seal bytea not null,
  constraint audit_head_pk primary key (id),
  constraint audit_head_id_ck check (id = 'head')
);
CREATE TABLE audit_link (
  number bigint not null,
  entry text not null,
  previous bytea not null,
  hash bytea not null,
  constraint audit_link_pk primary key (number),
  constraint audit_link_entry_uq unique (entry)
);
CREATE TABLE breakglass_use (
  id text not null,
  purpose text not null,
  state text not null,
  reason text not null,
  first_person text not null, -- the identity; of a recovery, who was recovered
  first_credential text not null,
  first_key text not null,
  first_holder text not null, -- who says they held the key; of a recovery, the user of the operating system
  second_person text not null, -- '' until the second key was touched
  second_credential text not null,
  second_key text not null,
  second_holder text not null,
  browser text not null, -- SHA-256 of the browser's secret, in hexadecimal
  challenge text not null, -- SHA-256 of the first challenge, so that one answer counts once; of a recovery its own id
  begun_at bigint not null,
  opened_at bigint not null, -- second touch; 0 until then
  until bigint not null, -- of waiting ones: when they lapse; of open ones: when they end
  session text not null, -- '' when there was none
  ended_at bigint not null,
  end_reason text not null,
  reviewer text not null,
  reviewed_at bigint not null,
  found text not null,
  constraint breakglass_use_pk primary key (id),
  constraint breakglass_use_challenge_uq unique (challenge),
  constraint breakglass_use_purpose_ck check (purpose in ('use', 'test', 'recover')),
  constraint breakglass_use_state_ck check (state in ('waiting', 'open', 'closed', 'tested', 'lapsed', 'reviewed')),
  constraint breakglass_use_two_people_ck check (second_person = '' or second_person <> first_person),
  constraint breakglass_use_open_ck check (state <> 'open' or (purpose = 'use' and session <> '' and second_person <> '')),
  constraint breakglass_use_reviewed_ck check ((state = 'reviewed') = (reviewer <> ''))
);
CREATE INDEX breakglass_use_begun_at_ix on breakglass_use (begun_at, id);
CREATE UNIQUE INDEX breakglass_use_open_uq on breakglass_use (state) where state = 'open';
CREATE INDEX breakglass_use_state_ix on breakglass_use (state, begun_at);
CREATE TABLE credential (
  id text not null,
  person text not null,
  key text not null,
  credential_id bytea not null,
  public_key bytea not null,
  model text not null,
  attestation text not null,
  hardware_bound boolean not null,
  sign_count bigint not null,
  transports text not null,
  backup_eligible boolean not null,
  backed_up boolean not null,
  state text not null,
  reason text not null,
  label text not null,
  created_at bigint not null,
  changed_at bigint not null,
  last_used_at bigint not null, days_used bigint not null default 0
  constraint credential_days_used_ck check (days_used >= 0),
  constraint credential_pk primary key (id),
  constraint credential_credential_id_uq unique (credential_id),
  constraint credential_key_fk foreign key (key) references key (id),
  constraint credential_person_ck check (person <> ''),
  constraint credential_attestation_ck check (attestation in ('none', 'self', 'unverified', 'verified')),
  -- Only what is proven is hardware-bound, and what is hardware-bound is never copied.
  constraint credential_hardware_bound_ck check (
    not hardware_bound
    or (attestation = 'verified' and not backup_eligible)),
  constraint credential_backed_up_ck check (backup_eligible or not backed_up),
  constraint credential_sign_count_ck check (sign_count between 0 and 4294967295),
  constraint credential_state_ck check (state in ('active', 'suspended', 'revoked')),
  constraint credential_reason_ck check (state <> 'active' or reason = '')
);
CREATE INDEX credential_key_ix on credential (key, created_at, id);
CREATE INDEX credential_person_ix on credential (person, created_at, id);
CREATE TABLE decision (
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
  requests text not null, input bytea, exception text not null default '',
  constraint decision_pk primary key (id),
  constraint decision_effect_ck check (effect in ('allow', 'step_up', 'deny')),
  constraint decision_request_count_ck check (request_count > 0)
);
CREATE INDEX decision_effect_ix on decision (effect, id) where effect <> 'allow';
CREATE INDEX decision_exception_ix on decision (exception, id) where exception <> '';
CREATE INDEX decision_person_ix on decision (person, id);
CREATE INDEX decision_service_ix on decision (service, id);
CREATE TABLE desk_use (
  agent text not null,
  deed text not null,
  used_at bigint not null,
  constraint desk_use_deed_ck check (deed in ('looked_up', 'opened', 'held_back'))
);
CREATE INDEX desk_use_agent_ix on desk_use (agent, deed, used_at);
CREATE INDEX desk_use_used_at_ix on desk_use (used_at);
CREATE TABLE evidence_chunk (
  item text not null,
  number bigint not null,
  sealed bytea not null,
  constraint evidence_chunk_pk primary key (item, number),
  constraint evidence_chunk_item_fk foreign key (item) references evidence_item (id),
  constraint evidence_chunk_sealed_ck check (length(sealed) <= 1048576)
);
CREATE TABLE evidence_item (
  id text not null,
  source text not null,
  kind text not null,
  name text not null,
  sha256 text not null,
  size bigint not null,
  chunks bigint not null,
  generated_at bigint not null,
  basis text not null,
  period_start bigint not null,
  period_end bigint not null,
  recorded_at bigint not null,
  recorded_by_kind text not null,
  recorded_by_id text not null,
  supersedes text,
  constraint evidence_item_pk primary key (id),
  constraint evidence_item_supersedes_uq unique (supersedes),
  constraint evidence_item_supersedes_fk foreign key (supersedes) references evidence_item (id),
  constraint evidence_item_sha256_ck check (length(sha256) = 64),
  constraint evidence_item_size_ck check (size > 0 and chunks > 0)
);
CREATE INDEX evidence_item_kind_ix on evidence_item (kind, recorded_at, id);
CREATE TABLE exception (
  id text not null,
  number bigint not null,
  service_id text, -- null is every service
  route_id text, -- null is the whole service
  floor_aal bigint not null,
  floor_marks bigint not null,
  floor_age bigint not null,
  reason text not null,
  narrative text not null,
  likelihood bigint not null,
  impact bigint not null,
  risk text not null,
  controls text not null,
  sunset text not null,
  reviews text not null,
  evidence text not null,
  on_overdue text not null,
  state text not null,
  owner text not null,
  proposer_kind text not null,
  proposer text not null,
  approved_by text,
  approved_at bigint not null,
  starts_at bigint not null,
  ends_at bigint not null,
  renewal text not null, -- '' when none is asked for
  renewals bigint not null,
  for_board boolean not null,
  ending text not null,
  ended_at bigint not null,
  proposed_at bigint not null,
  changed_at bigint not null,
  version bigint not null, lapses_at bigint not null default 0, fallback_aal bigint not null default 0, fallback_marks bigint not null default 0, fallback_age bigint not null default 0,
  constraint exception_pk primary key (id),
  constraint exception_number_uq unique (number),
  constraint exception_service_fk foreign key (service_id) references service (id),
  constraint exception_route_fk foreign key (route_id) references service_route (id),
  constraint exception_owner_fk foreign key (owner) references person (id),
  constraint exception_approver_fk foreign key (approved_by) references person (id),
  constraint exception_state_ck check (state in ('proposed', 'approved', 'refused', 'withdrawn', 'ended', 'expired')),
  constraint exception_end_ck check (ends_at > starts_at),
  constraint exception_floor_ck check (floor_aal between 1 and 3),
  constraint exception_risk_ck check (likelihood between 1 and 5 and impact between 1 and 5),
  constraint exception_approved_ck check (state <> 'approved' or (approved_by is not null and approved_at > 0)),
  constraint exception_two_people_ck check (approved_by is null or (approved_by <> owner and (proposer_kind <> 'person' or approved_by <> proposer)))
);
CREATE INDEX exception_state_ix on exception (state, ends_at);
CREATE TABLE exception_debt (
  day bigint not null,
  debt bigint not null,
  live bigint not null,
  people bigint not null,
  constraint exception_debt_pk primary key (day),
  constraint exception_debt_ck check (debt >= 0 and live >= 0 and people >= 0)
);
CREATE TABLE exception_group (
  exception_id text not null,
  name text not null,
  constraint exception_group_pk primary key (exception_id, name),
  constraint exception_group_exception_fk foreign key (exception_id) references exception (id)
);
CREATE TABLE exception_person (
  exception_id text not null,
  person_id text not null,
  constraint exception_person_pk primary key (exception_id, person_id),
  constraint exception_person_exception_fk foreign key (exception_id) references exception (id),
  constraint exception_person_person_fk foreign key (person_id) references person (id)
);
CREATE INDEX exception_person_person_ix on exception_person (person_id);
CREATE TABLE exception_review (
  id text not null,
  exception text not null,
  due bigint not null,
  lapses bigint not null,
  reviewer text not null,
  state text not null,
  opened_at bigint not null,
  asked_at bigint not null,
  outcome text not null,
  cause text not null,
  note text not null,
  new_end bigint not null,
  decided_by text not null,
  closed_at bigint not null,
  constraint exception_review_pk primary key (id),
  constraint exception_review_exception_fk foreign key (exception) references exception (id),
  constraint exception_review_state_ck check (state in ('open', 'done', 'missed', 'dropped')),
  constraint exception_review_lapses_ck check (lapses > due),
  constraint exception_review_closed_ck check ((closed_at = 0) = (state = 'open')),
  constraint exception_review_done_ck check ((state = 'done') = (outcome <> '' and cause <> '' and note <> '' and decided_by <> ''))
);
CREATE INDEX exception_review_due_ix on exception_review (due) where state = 'open';
CREATE UNIQUE INDEX exception_review_exception_uq on exception_review (exception)
where state = 'open';
CREATE INDEX exception_review_of_ix on exception_review (exception, due);
CREATE TABLE exception_warning (
  exception_id text not null,
  person_id text not null,
  ends_at bigint not null,
  days bigint not null,
  at bigint not null,
  constraint exception_warning_pk primary key (exception_id, person_id, ends_at, days),
  constraint exception_warning_exception_fk foreign key (exception_id) references exception (id)
);
CREATE TABLE fido_entry (
  position bigint not null,
  aaguid text not null,
  certificate_keys text not null,
  description text not null,
  protection text not null,
  roots text not null,
  reports text not null,
  constraint fido_entry_pk primary key (position),
  constraint fido_entry_make_ck check (aaguid <> '' or certificate_keys <> '')
);
CREATE TABLE fido_metadata (
  one boolean not null,
  number bigint not null,
  next_update text not null,
  legal_header text not null,
  payload_hash bytea not null,
  signer text not null,
  root_name text not null,
  root_fingerprint text not null,
  root_until bigint not null,
  entries bigint not null,
  ignored bigint not null,
  imported_at bigint not null,
  constraint fido_metadata_pk primary key (one),
  constraint fido_metadata_one_ck check (one),
  constraint fido_metadata_number_ck check (number >= 0),
  constraint fido_metadata_payload_hash_ck check (length(payload_hash) = 32),
  constraint fido_metadata_next_update_ck check (length(next_update) = 10)
);
CREATE TABLE former_email (
  person text not null,
  email text not null,
  replaced_at bigint not null,
  constraint former_email_pk primary key (person, email),
  constraint former_email_email_ck check (email <> '')
);
CREATE INDEX former_email_replaced_ix on former_email (replaced_at);
CREATE TABLE invitation (
  id text not null,
  token_hash bytea not null,
  person text not null,
  actor_kind text not null,
  actor text not null,
  created_at bigint not null,
  expires_at bigint not null,
  closed_at bigint not null, kind text not null default 'link' constraint invitation_kind_ck check (kind in ('link', 'pass')), starts_at bigint not null default 0, recovery text not null default '', -- used or replaced; 0 while open
  constraint invitation_pk primary key (id),
  constraint invitation_token_hash_uq unique (token_hash),
  constraint invitation_closed_at_ck check (closed_at >= 0)
);
CREATE UNIQUE INDEX invitation_person_uq on invitation (person) where closed_at = 0;
CREATE TABLE job_lease (
  name text not null,
  holder text not null,
  until bigint not null,
  constraint job_lease_pk primary key (name)
);
CREATE TABLE key (
  id text not null,
  serial text,
  serial_grade text not null,
  model text not null,
  model_grade text not null,
  label text not null,
  state text not null,
  holder text not null,
  reason text not null,
  created_at bigint not null,
  changed_at bigint not null, firmware text not null default '', place text not null default '', to_return boolean not null default false,
  constraint key_pk primary key (id),
  constraint key_serial_uq unique (serial),
  constraint key_serial_ck check (serial <> ''),
  constraint key_serial_grade_ck check (
    (serial is null and serial_grade = '')
    or (serial is not null and serial_grade in ('declared', 'probed', 'attested'))),
  constraint key_model_grade_ck check (
    (model = '' and model_grade = '')
    or (model <> '' and model_grade in ('claimed', 'verified'))),
  constraint key_state_ck check (state in (
    'ordered', 'in_stock', 'reserved', 'in_transit', 'held', 'enrolled', 'lent',
    'lost', 'stolen', 'damaged', 'returned', 'wiped', 'destroyed')),
  -- Nobody has no key in hand, and a blocked key says why.
  constraint key_holder_ck check (holder <> '' or state not in ('held', 'enrolled', 'lent')),
  constraint key_reason_ck check (
    (state = 'lost' and reason = 'lost')
    or (state = 'stolen' and reason = 'stolen')
    or (state not in ('lost', 'stolen') and reason in ('', 'lost', 'stolen')))
);
CREATE INDEX key_created_ix on key (created_at, id);
CREATE INDEX key_holder_ix on key (holder, created_at, id);
CREATE TABLE key_model (
  aaguid text not null,
  vendor text not null,
  name text not null,
  allowed boolean not null,
  hardware_bound boolean not null,
  roots bytea not null,
  own_roots boolean not null,
  changed_at bigint not null, certificate_keys text not null default '',
  constraint key_model_pk primary key (aaguid),
  constraint key_model_aaguid_ck check (length(aaguid) = 36),
  constraint key_model_vendor_ck check (vendor <> ''),
  constraint key_model_name_ck check (name <> '')
);
CREATE TABLE key_model_warning (
  make text not null,
  kind text not null,
  from_at bigint not null,
  ends_at bigint not null,
  constraint key_model_warning_pk primary key (make, kind),
  constraint key_model_warning_make_ck check (length(make) in (36, 40)),
  constraint key_model_warning_kind_ck check (kind in (
    'revoked', 'remote_compromise', 'physical_compromise', 'attestation_compromise', 'verification_bypass', 'retired'))
);
CREATE TABLE leave_absence (
  calendar text not null,
  person text not null,
  first_day bigint not null,
  last_day bigint not null,
  constraint leave_absence_pk primary key (calendar, person, first_day, last_day),
  constraint leave_absence_calendar_fk foreign key (calendar) references leave_calendar (id) on delete cascade,
  constraint leave_absence_days_ck check (last_day >= first_day)
);
CREATE TABLE leave_calendar (
  id text not null,
  first_day bigint not null,
  last_day bigint not null,
  imported_at bigint not null,
  imported_by text not null,
  constraint leave_calendar_pk primary key (id),
  constraint leave_calendar_days_ck check (last_day >= first_day)
);
CREATE TABLE live_ack (
  question text not null,
  node text not null,
  at bigint not null,
  constraint live_ack_pk primary key (question, node)
);
CREATE TABLE live_change (
  number integer not null,
  node text not null,
  topic text not null,
  ref text not null,
  at bigint not null,
  constraint live_change_pk primary key (number)
);
CREATE TABLE live_node (
  node text not null,
  started_at bigint not null,
  heard_at bigint not null,
  constraint live_node_pk primary key (node)
);
CREATE TABLE mail (
  id text not null,
  recipient text not null,
  person text not null,
  subject text not null,
  text text not null,
  created_at bigint not null, state text not null default 'kept'
  constraint mail_state_ck check (state in ('kept', 'waiting', 'delivered', 'failed')), tries bigint not null default 0, next_at bigint not null default 0, settled_at bigint not null default 0, answer text not null default '',
  constraint mail_pk primary key (id)
);
CREATE INDEX mail_created_ix on mail (created_at, id);
CREATE INDEX mail_state_ix on mail (state, next_at, id);
CREATE TABLE people_group (
  id text not null,
  name text not null,
  created_at bigint not null,
  constraint people_group_pk primary key (id),
  constraint people_group_name_uq unique (name)
);
CREATE TABLE people_group_member (
  group_id text not null,
  person_id text not null,
  source text not null,
  added_at bigint not null,
  constraint people_group_member_pk primary key (group_id, person_id, source),
  constraint people_group_member_group_fk foreign key (group_id) references people_group (id),
  constraint people_group_member_person_fk foreign key (person_id) references person (id),
  constraint people_group_member_source_ck check (source in ('hand', 'feed'))
);
CREATE INDEX people_group_member_person_ix on people_group_member (person_id);
CREATE TABLE person (
  id text not null,
  user_name text not null,
  name text not null,
  email text not null,
  email_lower text,
  employee_id text not null,
  department text not null,
  job_title text not null,
  kind text not null,
  manager text,
  starts text not null,
  ends text not null,
  state text not null,
  search text not null,
  created_at bigint not null,
  changed_at bigint not null,
  constraint person_pk primary key (id),
  constraint person_user_name_uq unique (user_name),
  constraint person_email_lower_uq unique (email_lower),
  constraint person_manager_fk foreign key (manager) references person (id) deferrable initially deferred,
  constraint person_user_name_ck check (user_name <> '' and user_name = lower(user_name)),
  constraint person_kind_ck check (kind in ('person', 'service', 'guest', 'shared', 'break_glass')),
  constraint person_state_ck check (state in ('active', 'suspended', 'left')),
  constraint person_dates_ck check (starts = '' or ends = '' or starts <= ends)
);
CREATE INDEX person_break_glass_ix on person (user_name) where kind = 'break_glass';
CREATE INDEX person_department_ix on person (department, user_name);
CREATE INDEX person_manager_ix on person (manager);
CREATE TABLE policy_forecast (
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
CREATE INDEX policy_forecast_draft_ix on policy_forecast (draft, against, made_at);
CREATE TABLE policy_override (
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
CREATE INDEX policy_override_draft_ix on policy_override (draft, against, asked_at);
CREATE TABLE policy_trial (
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
CREATE INDEX policy_trial_at_ix on policy_trial (number, at);
CREATE INDEX policy_trial_decision_ix on policy_trial (decision);
CREATE TABLE policy_trial_day (
  number bigint not null,
  day bigint not null,
  judged bigint not null,
  constraint policy_trial_day_pk primary key (number, day),
  constraint policy_trial_day_judged_ck check (judged > 0)
);
CREATE TABLE policy_version (
  number bigint not null,
  version text not null,
  name text not null,
  body text not null,
  tests text not null,
  state text not null,
  revision bigint not null,
  saved_by text not null,
  saved_at bigint not null,
  published_by text not null,
  published_at bigint not null,
  since bigint not null,
  constraint policy_version_pk primary key (number),
  constraint policy_version_version_uq unique (version),
  constraint policy_version_number_ck check (number > 0),
  constraint policy_version_version_ck check (version <> ''),
  constraint policy_version_revision_ck check (revision > 0),
  constraint policy_version_state_ck check (state in ('draft', 'report_only', 'enforced', 'retired')),
  constraint policy_version_published_ck check (state <> 'enforced' or published_at > 0)
);
CREATE UNIQUE INDEX policy_version_enforced_uq on policy_version (state)
where state = 'enforced';
CREATE TABLE recovery_approval (
  recovery text not null,
  person text not null,
  leads boolean not null,
  approved_at bigint not null,
  constraint recovery_approval_pk primary key (recovery, person),
  constraint recovery_approval_recovery_fk foreign key (recovery) references recovery_case (id)
);
CREATE TABLE recovery_case (
  id text not null,
  person text not null,
  state text not null,
  privileged boolean not null,
  why text not null,
  lost text not null, -- keys that are stated to be gone, JSON
  opener_kind text not null,
  opener text not null,
  method text not null, -- '' until it is said
  note text not null,
  checker_kind text not null, -- '' until somebody has checked
  checker text not null,
  cools_until bigint not null, -- 0 before it cools off
  pass text not null,
  credential text not null,
  objection_hash bytea not null,
  ending text not null,
  opened_at bigint not null,
  expires_at bigint not null,
  closed_at bigint not null, -- 0 while it is open
  version bigint not null,
  constraint recovery_case_pk primary key (id),
  constraint recovery_case_objection_hash_uq unique (objection_hash),
  constraint recovery_case_state_ck check (state in ('opened', 'checked', 'cooling_off', 'ready', 'pass_issued', 'registered',
    'completed', 'refused', 'withdrawn', 'stopped', 'expired')),
  constraint recovery_case_why_ck check (why in ('lost_all', 'forgotten', 'broken', 'new_device', 'first_key')),
  constraint recovery_case_method_ck check (method in ('', 'in_person', 'video', 'line_manager', 'colleague')),
  -- Nobody is their own service desk.
  constraint recovery_case_opener_ck check (opener <> person and checker <> person),
  -- For somebody with a role time must pass before there is a pass.
  constraint recovery_case_cools_until_ck check (not privileged or cools_until > 0 or pass = ''),
  constraint recovery_case_closed_at_ck check ((closed_at > 0) = (state in ('completed', 'refused', 'withdrawn', 'stopped', 'expired')))
);
CREATE INDEX recovery_case_credential_ix on recovery_case (credential) where credential <> '';
CREATE INDEX recovery_case_opened_at_ix on recovery_case (opened_at, id);
CREATE INDEX recovery_case_pass_ix on recovery_case (pass) where pass <> '';
CREATE UNIQUE INDEX recovery_case_person_uq on recovery_case (person) where closed_at = 0;
CREATE TABLE recovery_code (
  secret text not null,
  code_hash bytea not null,
  used_at bigint not null,
  constraint recovery_code_pk primary key (secret, code_hash),
  constraint recovery_code_secret_fk foreign key (secret) references shared_secret (id),
  constraint recovery_code_code_hash_ck check (length(code_hash) = 32)
);
CREATE TABLE retirement (
  id text not null,
  secret text not null,
  person text not null,
  method text not null,
  state text not null,
  by_kind text not null,
  by_id text not null,
  at bigint not null,
  until bigint not null,
  ended_by_kind text not null,
  ended_by_id text not null,
  ended_at bigint not null,
  reason text not null,
  constraint retirement_pk primary key (id),
  constraint retirement_secret_fk foreign key (secret) references shared_secret (id),
  constraint retirement_person_ck check (person <> ''),
  constraint retirement_state_ck check (state in ('disabled', 'restored', 'removed')),
  constraint retirement_until_ck check (until > at),
  constraint retirement_ended_at_ck check ((ended_at = 0) = (state = 'disabled'))
);
CREATE INDEX retirement_method_ix on retirement (method, at, id);
CREATE UNIQUE INDEX retirement_secret_uq on retirement (secret)
where state = 'disabled';
CREATE INDEX retirement_until_ix on retirement (until) where state = 'disabled';
CREATE TABLE risk_case (
  id text not null,
  person text not null,
  session text not null,
  network text not null,
  device text not null,
  opened_at bigint not null,
  closed_at bigint not null, -- 0 while it is open
  closed_by text not null,
  finding text not null,
  constraint risk_case_pk primary key (id)
);
CREATE INDEX risk_case_closed_at_ix on risk_case (closed_at, opened_at);
CREATE TABLE risk_known (
  person text not null,
  kind text not null,
  value text not null, -- a network, the number of an operator, a country, the name of a device, an hour, a key
  first_at bigint not null,
  last_at bigint not null,
  confirmed_at bigint not null,
  times bigint not null,
  constraint risk_known_pk primary key (person, kind, value),
  constraint risk_known_kind_ck check (kind in ('network', 'asn', 'country', 'device', 'hour', 'blocked_network', 'blocked_device', 'lost_key'))
);
CREATE INDEX risk_known_last_at_ix on risk_known (last_at);
CREATE TABLE risk_sight (
  session text not null,
  network text not null, -- '' when the address is not known
  person text not null,
  address text not null,
  device text not null,
  at bigint not null,
  raised boolean not null,
  objection_hash bytea, -- SHA-256 of what the person was sent; null when nothing was
  answer text not null,
  body text not null, -- JSON: place, signals, the way from the event before
  constraint risk_sight_pk primary key (session, network),
  constraint risk_sight_answer_ck check (answer in ('', 'was_me', 'was_not_me', 'confirmed'))
);
CREATE INDEX risk_sight_at_ix on risk_sight (at);
CREATE UNIQUE INDEX risk_sight_objection_ux on risk_sight (objection_hash) where objection_hash is not null;
CREATE INDEX risk_sight_person_ix on risk_sight (person, at);
CREATE TABLE role_grant (
  person_id text not null,
  role text not null,
  at bigint not null,
  constraint role_grant_pk primary key (person_id, role),
  constraint role_grant_person_fk foreign key (person_id) references person (id),
  constraint role_grant_role_ck check (role in ('administrator', 'security_lead', 'key_custodian', 'service_desk', 'auditor', 'exercise_lead', 'risk_owner'))
);
CREATE INDEX role_grant_role_ix on role_grant (role, person_id);
CREATE TABLE seal_canary (
  id text not null,
  sealed bytea not null,
  constraint seal_canary_pk primary key (id),
  constraint seal_canary_id_ck check (id = 'canary')
);
CREATE TABLE service (
  id text not null,
  slug text not null,
  name text not null,
  owner text,
  impact bigint not null,
  state text not null,
  header_user text not null,
  header_email text not null,
  header_name text not null,
  header_groups text not null,
  created_at bigint not null,
  changed_at bigint not null, obligations text not null default '',
  constraint service_pk primary key (id),
  constraint service_slug_uq unique (slug),
  constraint service_owner_fk foreign key (owner) references person (id),
  constraint service_impact_ck check (impact between 0 and 5),
  constraint service_state_ck check (state in ('admitted', 'retired'))
);
CREATE TABLE service_action (
  service_id text not null,
  name text not null,
  title text not null,
  methods text not null,
  path_prefix text not null,
  query text not null,
  body_over bigint not null,
  response_over bigint not null,
  rows_over bigint not null,
  keep bigint not null,
  constraint service_action_pk primary key (service_id, name),
  constraint service_action_service_id_fk foreign key (service_id) references service (id)
);
CREATE TABLE service_route (
  id text not null,
  service_id text not null,
  host text not null,
  path_prefix text not null,
  methods text not null,
  upstream text not null,
  created_at bigint not null,
  constraint service_route_pk primary key (id),
  constraint service_route_service_fk foreign key (service_id) references service (id),
  constraint service_route_host_uq unique (host, path_prefix, methods),
  constraint service_route_host_ck check (host <> '' and host = lower(host)),
  constraint service_route_path_prefix_ck check (substr(path_prefix, 1, 1) = '/')
);
CREATE INDEX service_route_service_ix on service_route (service_id);
CREATE TABLE service_use (
  person text not null,
  service text not null,
  last_at bigint not null,
  constraint service_use_pk primary key (person, service)
);
CREATE TABLE service_use_mark (
  one bigint not null,
  decision text not null,
  constraint service_use_mark_pk primary key (one),
  constraint service_use_mark_one_ck check (one = 1)
);
CREATE TABLE session (
  id text not null,
  token_hash bytea not null,
  parent text,
  host text not null,
  person text not null,
  credential text not null,
  key text not null, -- '' when it was begun without one
  method text not null,
  aal bigint not null,
  phishing_resistant boolean not null,
  hardware_bound boolean not null,
  attested boolean not null,
  user_verified boolean not null,
  amr text not null,
  auth_time bigint not null,
  created_at bigint not null,
  last_seen_at bigint not null,
  absolute_end bigint not null,
  ended_at bigint not null,
  end_reason text not null,
  ip text not null,
  user_agent text not null,
  constraint session_pk primary key (id),
  constraint session_token_hash_uq unique (token_hash),
  constraint session_parent_fk foreign key (parent) references session (id),
  constraint session_token_hash_ck check (length(token_hash) = 32),
  constraint session_host_ck check ((parent is null) = (host = '')),
  constraint session_person_ck check (person <> '' and credential <> ''),
  -- Only what Warder has a ceremony for. What goes through a telephone network or a
  -- mailbox never signs anyone in.
  constraint session_method_ck check (method in ('totp', 'passkey_synced', 'passkey_device', 'security_key', 'security_key_attested')),
  constraint session_key_ck check ((key = '') = (method = 'totp')),
  -- What only a key proves is not claimed without one.
  constraint session_keyless_ck check (method <> 'totp'
    or (aal = 2 and not phishing_resistant and not hardware_bound and not attested and not user_verified)),
  constraint session_aal_ck check (aal between 1 and 3),
  constraint session_times_ck check (auth_time <= created_at and created_at <= absolute_end),
  constraint session_ended_ck check ((ended_at = 0) = (end_reason = ''))
);
CREATE INDEX session_aal_ix on session (aal, last_seen_at) where ended_at = 0;
CREATE INDEX session_absolute_end_ix on session (absolute_end) where ended_at = 0;
CREATE INDEX session_key_ix on session (key);
CREATE INDEX session_open_ix on session (created_at, id) where ended_at = 0 and parent is null;
CREATE INDEX session_parent_ix on session (parent);
CREATE INDEX session_person_ix on session (person, created_at, id);
CREATE TABLE session_ticket (
  ticket_hash bytea not null,
  parent text not null,
  host text not null,
  expires_at bigint not null,
  constraint session_ticket_pk primary key (ticket_hash),
  constraint session_ticket_parent_fk foreign key (parent) references session (id),
  constraint session_ticket_ticket_hash_ck check (length(ticket_hash) = 32),
  constraint session_ticket_host_ck check (host <> '')
);
CREATE INDEX session_ticket_expires_ix on session_ticket (expires_at);
CREATE TABLE shared_secret (
  id text not null,
  person text not null,
  method text not null,
  state text not null,
  reason text not null,
  label text not null,
  sealed bytea not null,
  step bigint not null,
  created_at bigint not null,
  changed_at bigint not null,
  last_used_at bigint not null,
  constraint shared_secret_pk primary key (id),
  constraint shared_secret_person_ck check (person <> ''),
  constraint shared_secret_method_ck check (method in ('password', 'totp', 'recovery_code')),
  constraint shared_secret_state_ck check (state in ('active', 'suspended', 'revoked')),
  constraint shared_secret_reason_ck check ((state = 'active') = (reason = '')),
  constraint shared_secret_sealed_ck check ((length(sealed) = 0) = (state = 'revoked' or method = 'recovery_code')),
  constraint shared_secret_step_ck check (step = 0 or method = 'totp')
);
CREATE INDEX shared_secret_method_ix on shared_secret (method, person) where state = 'active';
CREATE INDEX shared_secret_person_ix on shared_secret (person, created_at, id);
CREATE UNIQUE INDEX shared_secret_person_uq on shared_secret (person, method)
where state <> 'revoked'
and method <> 'totp';
CREATE TABLE signin_attempt (
  id text not null,
  browser_hash bytea not null,
  purpose text not null,
  aal bigint not null,
  phishing_resistant boolean not null,
  hardware_bound boolean not null,
  attested boolean not null,
  user_verified boolean not null,
  forbid bigint not null, -- bits of assurance.Weakness
  max_age bigint not null, -- milliseconds; 0 is no limit of its own
  service text not null, -- '' is the portal itself
  return_scheme text not null,
  return_host text not null,
  return_path text not null,
  return_state text not null,
  user_name text not null, -- as typed; '' when none was
  person text not null, -- '' while it is not known
  session text not null, -- which the browser had; '' is none
  invitation text not null,
  credential text not null,
  password text not null, -- id of the password that was right; '' when none was given
  password_at bigint not null,
  code text not null, -- id of the app or the set of recovery codes
  code_method text not null,
  code_at bigint not null,
  opening text not null, -- what led into a registration; '' when nothing in the attempt did
  opener text not null, -- the key that did
  state text not null,
  ceremony bytea,
  options bytea,
  tries bigint not null,
  refusal text not null,
  shortfall bigint not null,
  result_session text not null,
  created_at bigint not null,
  expires_at bigint not null,
  version bigint not null,
  constraint signin_attempt_pk primary key (id),
  constraint signin_attempt_purpose_ck check (purpose in ('sign_in', 'step_up', 'enrol')),
  constraint signin_attempt_state_ck check (state in
    ('identifying', 'using_key', 'giving_password', 'giving_code', 'registering', 'confirming', 'finished', 'stopped')),
  -- No code counts without the password before it.
  constraint signin_attempt_password_ck check (state <> 'giving_code' or (password <> '' and person <> '')),
  constraint signin_attempt_code_ck check (code = '' or password <> ''),
  constraint signin_attempt_opening_ck check (opening = ''
    or (opening in ('secrets', 'recovery_code') and code <> '' and invitation = '')
    or (opening = 'key' and opener <> '' and invitation = '')),
  constraint signin_attempt_aal_ck check (aal between 1 and 3),
  constraint signin_attempt_tries_ck check (tries between 0 and 5),
  constraint signin_attempt_session_ck check (result_session = '' or state = 'finished')
);
CREATE INDEX signin_attempt_expires_at_ix on signin_attempt (expires_at);
CREATE TABLE signin_decoy (
  name text not null,
  value bytea not null,
  constraint signin_decoy_pk primary key (name)
);
CREATE TABLE signing_key (
  key_id text not null,
  private_key bytea not null,
  created_at bigint not null,
  constraint signing_key_pk primary key (key_id)
);
CREATE TABLE step_up (
  id text not null,
  session text not null,
  portal text not null,
  person text not null,
  service text not null,
  action text not null,
  title text not null,
  place text not null,
  keep bigint not null,
  method text not null,
  origin text not null,
  address text not null,
  amount text not null,
  content_type text not null,
  sent_from text not null,
  body bytea,
  body_sum text not null,
  action_hash text not null,
  state text not null,
  options bytea,
  challenge bytea,
  asked_at bigint not null,
  until bigint not null,
  decided_at bigint not null,
  credential text not null,
  used_at bigint not null,
  version bigint not null,
  constraint step_up_pk primary key (id),
  constraint step_up_state_ck check (state in ('waiting', 'granted', 'used', 'declined', 'abandoned', 'expired'))
);
CREATE INDEX step_up_asked_ix on step_up (asked_at);
CREATE INDEX step_up_person_ix on step_up (person) where state = 'waiting';
CREATE INDEX step_up_session_ix on step_up (session, action_hash, asked_at);
CREATE INDEX step_up_until_ix on step_up (until) where state in ('waiting', 'granted');
CREATE TABLE throttle_count (
  name text not null,
  account text not null, -- hash of the name that was typed; '' of a place
  kind text not null, -- the method; '' of a place
  failures bigint not null,
  shared bigint not null, -- of a pair: how many its account has counted too
  told bigint not null, -- how many there were when the record was told
  most bigint not null, -- failures in a row at which it stops; 0 is never
  free_at bigint not null,
  touched_at bigint not null,
  constraint throttle_count_pk primary key (name),
  constraint throttle_count_failures_ck check (failures >= 0 and shared between 0 and failures and told >= 0)
);
CREATE INDEX throttle_count_account_ix on throttle_count (account);
CREATE INDEX throttle_count_touched_at_ix on throttle_count (touched_at);
CREATE TABLE throttle_place (
  account text not null, -- hash, as above
  source text not null,
  proven_at bigint not null,
  constraint throttle_place_pk primary key (account, source)
);
CREATE INDEX throttle_place_proven_at_ix on throttle_place (proven_at);
