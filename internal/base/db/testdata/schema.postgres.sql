-- Written by go test ./internal/base/db -run GoldenSchema -update
column audit_entry.id text not null
column audit_entry.at bigint not null
column audit_entry.turn bigint not null
column audit_entry.actor_kind text not null
column audit_entry.actor_id text not null
column audit_entry.action text not null
column audit_entry.subject text not null
column audit_entry.details text not null
column audit_head.id text not null
column audit_head.number bigint not null
column audit_head.hash bytea not null
column audit_head.seal bytea not null
column audit_link.number bigint not null
column audit_link.entry text not null
column audit_link.previous bytea not null
column audit_link.hash bytea not null
column breakglass_use.id text not null
column breakglass_use.purpose text not null
column breakglass_use.state text not null
column breakglass_use.reason text not null
column breakglass_use.first_person text not null
column breakglass_use.first_credential text not null
column breakglass_use.first_key text not null
column breakglass_use.first_holder text not null
column breakglass_use.second_person text not null
column breakglass_use.second_credential text not null
column breakglass_use.second_key text not null
column breakglass_use.second_holder text not null
column breakglass_use.browser text not null
column breakglass_use.challenge text not null
column breakglass_use.begun_at bigint not null
column breakglass_use.opened_at bigint not null
column breakglass_use.until bigint not null
column breakglass_use.session text not null
column breakglass_use.ended_at bigint not null
column breakglass_use.end_reason text not null
column breakglass_use.reviewer text not null
column breakglass_use.reviewed_at bigint not null
column breakglass_use.found text not null
column credential.id text not null
column credential.person text not null
column credential.key text not null
column credential.credential_id bytea not null
column credential.public_key bytea not null
column credential.model text not null
column credential.attestation text not null
column credential.hardware_bound boolean not null
column credential.sign_count bigint not null
column credential.transports text not null
column credential.backup_eligible boolean not null
column credential.backed_up boolean not null
column credential.state text not null
column credential.reason text not null
column credential.label text not null
column credential.created_at bigint not null
column credential.changed_at bigint not null
column credential.last_used_at bigint not null
column credential.days_used bigint not null default 0
column decision.id text not null
column decision.at bigint not null
column decision.person text not null
column decision.session text not null
column decision.key text not null
column decision.service text not null
column decision.route text not null
column decision.ip text not null
column decision.effect text not null
column decision.reasons text not null
column decision.policy text not null
column decision.require_aal bigint not null
column decision.require_marks bigint not null
column decision.require_age bigint not null
column decision.had_method text not null
column decision.had_aal bigint not null
column decision.had_marks bigint not null
column decision.auth_time bigint not null
column decision.request_count bigint not null
column decision.requests text not null
column decision.input bytea
column decision.exception text not null default ''::text
column desk_use.agent text not null
column desk_use.deed text not null
column desk_use.used_at bigint not null
column evidence_chunk.item text not null
column evidence_chunk.number bigint not null
column evidence_chunk.sealed bytea not null
column evidence_item.id text not null
column evidence_item.source text not null
column evidence_item.kind text not null
column evidence_item.name text not null
column evidence_item.sha256 text not null
column evidence_item.size bigint not null
column evidence_item.chunks bigint not null
column evidence_item.generated_at bigint not null
column evidence_item.basis text not null
column evidence_item.period_start bigint not null
column evidence_item.period_end bigint not null
column evidence_item.recorded_at bigint not null
column evidence_item.recorded_by_kind text not null
column evidence_item.recorded_by_id text not null
column evidence_item.supersedes text
column exception.id text not null
column exception.number bigint not null
column exception.service_id text
column exception.route_id text
column exception.floor_aal bigint not null
column exception.floor_marks bigint not null
column exception.floor_age bigint not null
column exception.reason text not null
column exception.narrative text not null
column exception.likelihood bigint not null
column exception.impact bigint not null
column exception.risk text not null
column exception.controls text not null
column exception.sunset text not null
column exception.reviews text not null
column exception.evidence text not null
column exception.on_overdue text not null
column exception.state text not null
column exception.owner text not null
column exception.proposer_kind text not null
column exception.proposer text not null
column exception.approved_by text
column exception.approved_at bigint not null
column exception.starts_at bigint not null
column exception.ends_at bigint not null
column exception.renewal text not null
column exception.renewals bigint not null
column exception.for_board boolean not null
column exception.ending text not null
column exception.ended_at bigint not null
column exception.proposed_at bigint not null
column exception.changed_at bigint not null
column exception.version bigint not null
column exception.lapses_at bigint not null default 0
column exception.fallback_aal bigint not null default 0
column exception.fallback_marks bigint not null default 0
column exception.fallback_age bigint not null default 0
column exception_debt.day bigint not null
column exception_debt.debt bigint not null
column exception_debt.live bigint not null
column exception_debt.people bigint not null
column exception_group.exception_id text not null
column exception_group.name text not null
column exception_person.exception_id text not null
column exception_person.person_id text not null
column exception_review.id text not null
column exception_review.exception text not null
column exception_review.due bigint not null
column exception_review.lapses bigint not null
column exception_review.reviewer text not null
column exception_review.state text not null
column exception_review.opened_at bigint not null
column exception_review.asked_at bigint not null
column exception_review.outcome text not null
column exception_review.cause text not null
column exception_review.note text not null
column exception_review.new_end bigint not null
column exception_review.decided_by text not null
column exception_review.closed_at bigint not null
column exception_warning.exception_id text not null
column exception_warning.person_id text not null
column exception_warning.ends_at bigint not null
column exception_warning.days bigint not null
column exception_warning.at bigint not null
column fido_entry.position bigint not null
column fido_entry.aaguid text not null
column fido_entry.certificate_keys text not null
column fido_entry.description text not null
column fido_entry.protection text not null
column fido_entry.roots text not null
column fido_entry.reports text not null
column fido_metadata.one boolean not null
column fido_metadata.number bigint not null
column fido_metadata.next_update text not null
column fido_metadata.legal_header text not null
column fido_metadata.payload_hash bytea not null
column fido_metadata.signer text not null
column fido_metadata.root_name text not null
column fido_metadata.root_fingerprint text not null
column fido_metadata.root_until bigint not null
column fido_metadata.entries bigint not null
column fido_metadata.ignored bigint not null
column fido_metadata.imported_at bigint not null
column former_email.person text not null
column former_email.email text not null
column former_email.replaced_at bigint not null
column invitation.id text not null
column invitation.token_hash bytea not null
column invitation.person text not null
column invitation.actor_kind text not null
column invitation.actor text not null
column invitation.created_at bigint not null
column invitation.expires_at bigint not null
column invitation.closed_at bigint not null
column invitation.kind text not null default 'link'::text
column invitation.starts_at bigint not null default 0
column invitation.recovery text not null default ''::text
column job_lease.name text not null
column job_lease.holder text not null
column job_lease.until bigint not null
column key.id text not null
column key.serial text
column key.serial_grade text not null
column key.model text not null
column key.model_grade text not null
column key.label text not null
column key.state text not null
column key.holder text not null
column key.reason text not null
column key.created_at bigint not null
column key.changed_at bigint not null
column key.firmware text not null default ''::text
column key.place text not null default ''::text
column key.to_return boolean not null default false
column key_model.aaguid text not null
column key_model.vendor text not null
column key_model.name text not null
column key_model.allowed boolean not null
column key_model.hardware_bound boolean not null
column key_model.roots bytea not null
column key_model.own_roots boolean not null
column key_model.changed_at bigint not null
column key_model.certificate_keys text not null default ''::text
column key_model_warning.make text not null
column key_model_warning.kind text not null
column key_model_warning.from_at bigint not null
column key_model_warning.ends_at bigint not null
column leave_absence.calendar text not null
column leave_absence.person text not null
column leave_absence.first_day bigint not null
column leave_absence.last_day bigint not null
column leave_calendar.id text not null
column leave_calendar.first_day bigint not null
column leave_calendar.last_day bigint not null
column leave_calendar.imported_at bigint not null
column leave_calendar.imported_by text not null
column live_ack.question text not null
column live_ack.node text not null
column live_ack.at bigint not null
column live_node.node text not null
column live_node.started_at bigint not null
column live_node.heard_at bigint not null
column mail.id text not null
column mail.recipient text not null
column mail.person text not null
column mail.subject text not null
column mail.text text not null
column mail.created_at bigint not null
column mail.state text not null default 'kept'::text
column mail.tries bigint not null default 0
column mail.next_at bigint not null default 0
column mail.settled_at bigint not null default 0
column mail.answer text not null default ''::text
column people_group.id text not null
column people_group.name text not null
column people_group.created_at bigint not null
column people_group_member.group_id text not null
column people_group_member.person_id text not null
column people_group_member.source text not null
column people_group_member.added_at bigint not null
column person.id text not null
column person.user_name text not null
column person.name text not null
column person.email text not null
column person.email_lower text
column person.employee_id text not null
column person.department text not null
column person.job_title text not null
column person.kind text not null
column person.manager text
column person.starts text not null
column person.ends text not null
column person.state text not null
column person.search text not null
column person.created_at bigint not null
column person.changed_at bigint not null
column policy_forecast.id text not null
column policy_forecast.draft text not null
column policy_forecast.version text not null
column policy_forecast.against text not null
column policy_forecast.for_day bigint not null
column policy_forecast.scope text not null
column policy_forecast.made_at bigint not null
column policy_forecast.made_by_kind text not null
column policy_forecast.made_by_id text not null
column policy_forecast.people bigint not null
column policy_forecast.blockers bigint not null
column policy_forecast.findings text not null
column policy_override.id text not null
column policy_override.draft text not null
column policy_override.version text not null
column policy_override.against text not null
column policy_override.forecast text not null
column policy_override.reason text not null
column policy_override.state text not null
column policy_override.asked_by text not null
column policy_override.asked_at bigint not null
column policy_override.until bigint not null
column policy_override.decided_by text not null
column policy_override.decided_at bigint not null
column policy_override.used_at bigint not null
column policy_trial.number bigint not null
column policy_trial.decision text not null
column policy_trial.at bigint not null
column policy_trial.person text not null
column policy_trial.service text not null
column policy_trial.department text not null
column policy_trial.was text not null
column policy_trial.effect text not null
column policy_trial.reasons text not null
column policy_trial_day.number bigint not null
column policy_trial_day.day bigint not null
column policy_trial_day.judged bigint not null
column policy_version.number bigint not null
column policy_version.version text not null
column policy_version.name text not null
column policy_version.body text not null
column policy_version.tests text not null
column policy_version.state text not null
column policy_version.revision bigint not null
column policy_version.saved_by text not null
column policy_version.saved_at bigint not null
column policy_version.published_by text not null
column policy_version.published_at bigint not null
column policy_version.since bigint not null
column recovery_approval.recovery text not null
column recovery_approval.person text not null
column recovery_approval.leads boolean not null
column recovery_approval.approved_at bigint not null
column recovery_case.id text not null
column recovery_case.person text not null
column recovery_case.state text not null
column recovery_case.privileged boolean not null
column recovery_case.why text not null
column recovery_case.lost text not null
column recovery_case.opener_kind text not null
column recovery_case.opener text not null
column recovery_case.method text not null
column recovery_case.note text not null
column recovery_case.checker_kind text not null
column recovery_case.checker text not null
column recovery_case.cools_until bigint not null
column recovery_case.pass text not null
column recovery_case.credential text not null
column recovery_case.objection_hash bytea not null
column recovery_case.ending text not null
column recovery_case.opened_at bigint not null
column recovery_case.expires_at bigint not null
column recovery_case.closed_at bigint not null
column recovery_case.version bigint not null
column recovery_code.secret text not null
column recovery_code.code_hash bytea not null
column recovery_code.used_at bigint not null
column retirement.id text not null
column retirement.secret text not null
column retirement.person text not null
column retirement.method text not null
column retirement.state text not null
column retirement.by_kind text not null
column retirement.by_id text not null
column retirement.at bigint not null
column retirement.until bigint not null
column retirement.ended_by_kind text not null
column retirement.ended_by_id text not null
column retirement.ended_at bigint not null
column retirement.reason text not null
column risk_case.id text not null
column risk_case.person text not null
column risk_case.session text not null
column risk_case.network text not null
column risk_case.device text not null
column risk_case.opened_at bigint not null
column risk_case.closed_at bigint not null
column risk_case.closed_by text not null
column risk_case.finding text not null
column risk_known.person text not null
column risk_known.kind text not null
column risk_known.value text not null
column risk_known.first_at bigint not null
column risk_known.last_at bigint not null
column risk_known.confirmed_at bigint not null
column risk_known.times bigint not null
column risk_sight.session text not null
column risk_sight.network text not null
column risk_sight.person text not null
column risk_sight.address text not null
column risk_sight.device text not null
column risk_sight.at bigint not null
column risk_sight.raised boolean not null
column risk_sight.objection_hash bytea
column risk_sight.answer text not null
column risk_sight.body text not null
column role_grant.person_id text not null
column role_grant.role text not null
column role_grant.at bigint not null
column seal_canary.id text not null
column seal_canary.sealed bytea not null
column service.id text not null
column service.slug text not null
column service.name text not null
column service.owner text
column service.impact bigint not null
column service.state text not null
column service.header_user text not null
column service.header_email text not null
column service.header_name text not null
column service.header_groups text not null
column service.created_at bigint not null
column service.changed_at bigint not null
column service.obligations text not null default ''::text
column service_action.service_id text not null
column service_action.name text not null
column service_action.title text not null
column service_action.methods text not null
column service_action.path_prefix text not null
column service_action.query text not null
column service_action.body_over bigint not null
column service_action.response_over bigint not null
column service_action.rows_over bigint not null
column service_action.keep bigint not null
column service_route.id text not null
column service_route.service_id text not null
column service_route.host text not null
column service_route.path_prefix text not null
column service_route.methods text not null
column service_route.upstream text not null
column service_route.created_at bigint not null
column service_use.person text not null
column service_use.service text not null
column service_use.last_at bigint not null
column service_use_mark.one bigint not null
column service_use_mark.decision text not null
column session.id text not null
column session.token_hash bytea not null
column session.parent text
column session.host text not null
column session.person text not null
column session.credential text not null
column session.key text not null
column session.method text not null
column session.aal bigint not null
column session.phishing_resistant boolean not null
column session.hardware_bound boolean not null
column session.attested boolean not null
column session.user_verified boolean not null
column session.amr text not null
column session.auth_time bigint not null
column session.created_at bigint not null
column session.last_seen_at bigint not null
column session.absolute_end bigint not null
column session.ended_at bigint not null
column session.end_reason text not null
column session.ip text not null
column session.user_agent text not null
column session_ticket.ticket_hash bytea not null
column session_ticket.parent text not null
column session_ticket.host text not null
column session_ticket.expires_at bigint not null
column shared_secret.id text not null
column shared_secret.person text not null
column shared_secret.method text not null
column shared_secret.state text not null
column shared_secret.reason text not null
column shared_secret.label text not null
column shared_secret.sealed bytea not null
column shared_secret.step bigint not null
column shared_secret.created_at bigint not null
column shared_secret.changed_at bigint not null
column shared_secret.last_used_at bigint not null
column signin_attempt.id text not null
column signin_attempt.browser_hash bytea not null
column signin_attempt.purpose text not null
column signin_attempt.aal bigint not null
column signin_attempt.phishing_resistant boolean not null
column signin_attempt.hardware_bound boolean not null
column signin_attempt.attested boolean not null
column signin_attempt.user_verified boolean not null
column signin_attempt.forbid bigint not null
column signin_attempt.max_age bigint not null
column signin_attempt.service text not null
column signin_attempt.return_scheme text not null
column signin_attempt.return_host text not null
column signin_attempt.return_path text not null
column signin_attempt.return_state text not null
column signin_attempt.user_name text not null
column signin_attempt.person text not null
column signin_attempt.session text not null
column signin_attempt.invitation text not null
column signin_attempt.credential text not null
column signin_attempt.password text not null
column signin_attempt.password_at bigint not null
column signin_attempt.code text not null
column signin_attempt.code_method text not null
column signin_attempt.code_at bigint not null
column signin_attempt.opening text not null
column signin_attempt.opener text not null
column signin_attempt.state text not null
column signin_attempt.ceremony bytea
column signin_attempt.options bytea
column signin_attempt.tries bigint not null
column signin_attempt.refusal text not null
column signin_attempt.shortfall bigint not null
column signin_attempt.result_session text not null
column signin_attempt.created_at bigint not null
column signin_attempt.expires_at bigint not null
column signin_attempt.version bigint not null
column signin_decoy.name text not null
column signin_decoy.value bytea not null
column signing_key.key_id text not null
column signing_key.private_key bytea not null
column signing_key.created_at bigint not null
column step_up.id text not null
column step_up.session text not null
column step_up.portal text not null
column step_up.person text not null
column step_up.service text not null
column step_up.action text not null
column step_up.title text not null
column step_up.place text not null
column step_up.keep bigint not null
column step_up.method text not null
column step_up.origin text not null
column step_up.address text not null
column step_up.amount text not null
column step_up.content_type text not null
column step_up.sent_from text not null
column step_up.body bytea
column step_up.body_sum text not null
column step_up.action_hash text not null
column step_up.state text not null
column step_up.options bytea
column step_up.challenge bytea
column step_up.asked_at bigint not null
column step_up.until bigint not null
column step_up.decided_at bigint not null
column step_up.credential text not null
column step_up.used_at bigint not null
column step_up.version bigint not null
column throttle_count.name text not null
column throttle_count.account text not null
column throttle_count.kind text not null
column throttle_count.failures bigint not null
column throttle_count.shared bigint not null
column throttle_count.told bigint not null
column throttle_count.most bigint not null
column throttle_count.free_at bigint not null
column throttle_count.touched_at bigint not null
column throttle_place.account text not null
column throttle_place.source text not null
column throttle_place.proven_at bigint not null
constraint audit_entry.audit_entry_action_ck CHECK ((action <> ''::text))
constraint audit_entry.audit_entry_actor_kind_ck CHECK ((actor_kind = ANY (ARRAY['nobody'::text, 'person'::text, 'command'::text, 'system'::text])))
constraint audit_entry.audit_entry_pk PRIMARY KEY (id)
constraint audit_head.audit_head_id_ck CHECK ((id = 'head'::text))
constraint audit_head.audit_head_pk PRIMARY KEY (id)
constraint audit_link.audit_link_entry_uq UNIQUE (entry)
constraint audit_link.audit_link_pk PRIMARY KEY (number)
constraint breakglass_use.breakglass_use_challenge_uq UNIQUE (challenge)
constraint breakglass_use.breakglass_use_open_ck CHECK (((state <> 'open'::text) OR ((purpose = 'use'::text) AND (session <> ''::text) AND (second_person <> ''::text))))
constraint breakglass_use.breakglass_use_pk PRIMARY KEY (id)
constraint breakglass_use.breakglass_use_purpose_ck CHECK ((purpose = ANY (ARRAY['use'::text, 'test'::text, 'recover'::text])))
constraint breakglass_use.breakglass_use_reviewed_ck CHECK (((state = 'reviewed'::text) = (reviewer <> ''::text)))
constraint breakglass_use.breakglass_use_state_ck CHECK ((state = ANY (ARRAY['waiting'::text, 'open'::text, 'closed'::text, 'tested'::text, 'lapsed'::text, 'reviewed'::text])))
constraint breakglass_use.breakglass_use_two_people_ck CHECK (((second_person = ''::text) OR (second_person <> first_person)))
constraint credential.credential_attestation_ck CHECK ((attestation = ANY (ARRAY['none'::text, 'self'::text, 'unverified'::text, 'verified'::text])))
constraint credential.credential_backed_up_ck CHECK ((backup_eligible OR (NOT backed_up)))
constraint credential.credential_credential_id_uq UNIQUE (credential_id)
constraint credential.credential_days_used_ck CHECK ((days_used >= 0))
constraint credential.credential_hardware_bound_ck CHECK (((NOT hardware_bound) OR ((attestation = 'verified'::text) AND (NOT backup_eligible))))
constraint credential.credential_key_fk FOREIGN KEY (key) REFERENCES key(id)
constraint credential.credential_person_ck CHECK ((person <> ''::text))
constraint credential.credential_pk PRIMARY KEY (id)
constraint credential.credential_reason_ck CHECK (((state <> 'active'::text) OR (reason = ''::text)))
constraint credential.credential_sign_count_ck CHECK (((sign_count >= 0) AND (sign_count <= '4294967295'::bigint)))
constraint credential.credential_state_ck CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'revoked'::text])))
constraint decision.decision_effect_ck CHECK ((effect = ANY (ARRAY['allow'::text, 'step_up'::text, 'deny'::text])))
constraint decision.decision_pk PRIMARY KEY (id)
constraint decision.decision_request_count_ck CHECK ((request_count > 0))
constraint desk_use.desk_use_deed_ck CHECK ((deed = ANY (ARRAY['looked_up'::text, 'opened'::text, 'held_back'::text])))
constraint evidence_chunk.evidence_chunk_item_fk FOREIGN KEY (item) REFERENCES evidence_item(id)
constraint evidence_chunk.evidence_chunk_pk PRIMARY KEY (item, number)
constraint evidence_chunk.evidence_chunk_sealed_ck CHECK ((length(sealed) <= 1048576))
constraint evidence_item.evidence_item_pk PRIMARY KEY (id)
constraint evidence_item.evidence_item_sha256_ck CHECK ((length(sha256) = 64))
constraint evidence_item.evidence_item_size_ck CHECK (((size > 0) AND (chunks > 0)))
constraint evidence_item.evidence_item_supersedes_fk FOREIGN KEY (supersedes) REFERENCES evidence_item(id)
constraint evidence_item.evidence_item_supersedes_uq UNIQUE (supersedes)
constraint exception.exception_approved_ck CHECK (((state <> 'approved'::text) OR ((approved_by IS NOT NULL) AND (approved_at > 0))))
constraint exception.exception_approver_fk FOREIGN KEY (approved_by) REFERENCES person(id)
constraint exception.exception_end_ck CHECK ((ends_at > starts_at))
constraint exception.exception_floor_ck CHECK (((floor_aal >= 1) AND (floor_aal <= 3)))
constraint exception.exception_number_uq UNIQUE (number)
constraint exception.exception_owner_fk FOREIGN KEY (owner) REFERENCES person(id)
constraint exception.exception_pk PRIMARY KEY (id)
constraint exception.exception_risk_ck CHECK ((((likelihood >= 1) AND (likelihood <= 5)) AND ((impact >= 1) AND (impact <= 5))))
constraint exception.exception_route_fk FOREIGN KEY (route_id) REFERENCES service_route(id)
constraint exception.exception_service_fk FOREIGN KEY (service_id) REFERENCES service(id)
constraint exception.exception_state_ck CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'refused'::text, 'withdrawn'::text, 'ended'::text, 'expired'::text])))
constraint exception.exception_two_people_ck CHECK (((approved_by IS NULL) OR ((approved_by <> owner) AND ((proposer_kind <> 'person'::text) OR (approved_by <> proposer)))))
constraint exception_debt.exception_debt_ck CHECK (((debt >= 0) AND (live >= 0) AND (people >= 0)))
constraint exception_debt.exception_debt_pk PRIMARY KEY (day)
constraint exception_group.exception_group_exception_fk FOREIGN KEY (exception_id) REFERENCES exception(id)
constraint exception_group.exception_group_pk PRIMARY KEY (exception_id, name)
constraint exception_person.exception_person_exception_fk FOREIGN KEY (exception_id) REFERENCES exception(id)
constraint exception_person.exception_person_person_fk FOREIGN KEY (person_id) REFERENCES person(id)
constraint exception_person.exception_person_pk PRIMARY KEY (exception_id, person_id)
constraint exception_review.exception_review_closed_ck CHECK (((closed_at = 0) = (state = 'open'::text)))
constraint exception_review.exception_review_done_ck CHECK (((state = 'done'::text) = ((outcome <> ''::text) AND (cause <> ''::text) AND (note <> ''::text) AND (decided_by <> ''::text))))
constraint exception_review.exception_review_exception_fk FOREIGN KEY (exception) REFERENCES exception(id)
constraint exception_review.exception_review_lapses_ck CHECK ((lapses > due))
constraint exception_review.exception_review_pk PRIMARY KEY (id)
constraint exception_review.exception_review_state_ck CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'missed'::text, 'dropped'::text])))
constraint exception_warning.exception_warning_exception_fk FOREIGN KEY (exception_id) REFERENCES exception(id)
constraint exception_warning.exception_warning_pk PRIMARY KEY (exception_id, person_id, ends_at, days)
constraint fido_entry.fido_entry_make_ck CHECK (((aaguid <> ''::text) OR (certificate_keys <> ''::text)))
constraint fido_entry.fido_entry_pk PRIMARY KEY ("position")
constraint fido_metadata.fido_metadata_next_update_ck CHECK ((length(next_update) = 10))
constraint fido_metadata.fido_metadata_number_ck CHECK ((number >= 0))
constraint fido_metadata.fido_metadata_one_ck CHECK (one)
constraint fido_metadata.fido_metadata_payload_hash_ck CHECK ((length(payload_hash) = 32))
constraint fido_metadata.fido_metadata_pk PRIMARY KEY (one)
constraint former_email.former_email_email_ck CHECK ((email <> ''::text))
constraint former_email.former_email_pk PRIMARY KEY (person, email)
constraint invitation.invitation_closed_at_ck CHECK ((closed_at >= 0))
constraint invitation.invitation_kind_ck CHECK ((kind = ANY (ARRAY['link'::text, 'pass'::text])))
constraint invitation.invitation_pk PRIMARY KEY (id)
constraint invitation.invitation_token_hash_uq UNIQUE (token_hash)
constraint job_lease.job_lease_pk PRIMARY KEY (name)
constraint key.key_holder_ck CHECK (((holder <> ''::text) OR (state <> ALL (ARRAY['held'::text, 'enrolled'::text, 'lent'::text]))))
constraint key.key_model_grade_ck CHECK ((((model = ''::text) AND (model_grade = ''::text)) OR ((model <> ''::text) AND (model_grade = ANY (ARRAY['claimed'::text, 'verified'::text])))))
constraint key.key_pk PRIMARY KEY (id)
constraint key.key_reason_ck CHECK ((((state = 'lost'::text) AND (reason = 'lost'::text)) OR ((state = 'stolen'::text) AND (reason = 'stolen'::text)) OR ((state <> ALL (ARRAY['lost'::text, 'stolen'::text])) AND (reason = ANY (ARRAY[''::text, 'lost'::text, 'stolen'::text])))))
constraint key.key_serial_ck CHECK ((serial <> ''::text))
constraint key.key_serial_grade_ck CHECK ((((serial IS NULL) AND (serial_grade = ''::text)) OR ((serial IS NOT NULL) AND (serial_grade = ANY (ARRAY['declared'::text, 'probed'::text, 'attested'::text])))))
constraint key.key_serial_uq UNIQUE (serial)
constraint key.key_state_ck CHECK ((state = ANY (ARRAY['ordered'::text, 'in_stock'::text, 'reserved'::text, 'in_transit'::text, 'held'::text, 'enrolled'::text, 'lent'::text, 'lost'::text, 'stolen'::text, 'damaged'::text, 'returned'::text, 'wiped'::text, 'destroyed'::text])))
constraint key_model.key_model_aaguid_ck CHECK ((length(aaguid) = 36))
constraint key_model.key_model_name_ck CHECK ((name <> ''::text))
constraint key_model.key_model_pk PRIMARY KEY (aaguid)
constraint key_model.key_model_vendor_ck CHECK ((vendor <> ''::text))
constraint key_model_warning.key_model_warning_kind_ck CHECK ((kind = ANY (ARRAY['revoked'::text, 'remote_compromise'::text, 'physical_compromise'::text, 'attestation_compromise'::text, 'verification_bypass'::text, 'retired'::text])))
constraint key_model_warning.key_model_warning_make_ck CHECK ((length(make) = ANY (ARRAY[36, 40])))
constraint key_model_warning.key_model_warning_pk PRIMARY KEY (make, kind)
constraint leave_absence.leave_absence_calendar_fk FOREIGN KEY (calendar) REFERENCES leave_calendar(id) ON DELETE CASCADE
constraint leave_absence.leave_absence_days_ck CHECK ((last_day >= first_day))
constraint leave_absence.leave_absence_pk PRIMARY KEY (calendar, person, first_day, last_day)
constraint leave_calendar.leave_calendar_days_ck CHECK ((last_day >= first_day))
constraint leave_calendar.leave_calendar_pk PRIMARY KEY (id)
constraint live_ack.live_ack_pk PRIMARY KEY (question, node)
constraint live_node.live_node_pk PRIMARY KEY (node)
constraint mail.mail_pk PRIMARY KEY (id)
constraint mail.mail_state_ck CHECK ((state = ANY (ARRAY['kept'::text, 'waiting'::text, 'delivered'::text, 'failed'::text])))
constraint people_group.people_group_name_uq UNIQUE (name)
constraint people_group.people_group_pk PRIMARY KEY (id)
constraint people_group_member.people_group_member_group_fk FOREIGN KEY (group_id) REFERENCES people_group(id)
constraint people_group_member.people_group_member_person_fk FOREIGN KEY (person_id) REFERENCES person(id)
constraint people_group_member.people_group_member_pk PRIMARY KEY (group_id, person_id, source)
constraint people_group_member.people_group_member_source_ck CHECK ((source = ANY (ARRAY['hand'::text, 'feed'::text])))
constraint person.person_dates_ck CHECK (((starts = ''::text) OR (ends = ''::text) OR (starts <= ends)))
constraint person.person_email_lower_uq UNIQUE (email_lower)
constraint person.person_kind_ck CHECK ((kind = ANY (ARRAY['person'::text, 'service'::text, 'guest'::text, 'shared'::text, 'break_glass'::text])))
constraint person.person_manager_fk FOREIGN KEY (manager) REFERENCES person(id) DEFERRABLE INITIALLY DEFERRED
constraint person.person_pk PRIMARY KEY (id)
constraint person.person_state_ck CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'left'::text])))
constraint person.person_user_name_ck CHECK (((user_name <> ''::text) AND (user_name = lower(user_name))))
constraint person.person_user_name_uq UNIQUE (user_name)
constraint policy_forecast.policy_forecast_draft_ck CHECK ((length(draft) = 64))
constraint policy_forecast.policy_forecast_pk PRIMARY KEY (id)
constraint policy_override.policy_override_asked_ck CHECK (((asked_by <> ''::text) AND (reason <> ''::text)))
constraint policy_override.policy_override_forecast_fk FOREIGN KEY (forecast) REFERENCES policy_forecast(id)
constraint policy_override.policy_override_pk PRIMARY KEY (id)
constraint policy_override.policy_override_second_ck CHECK (((state <> ALL (ARRAY['approved'::text, 'used'::text])) OR ((decided_by <> ''::text) AND (decided_by <> asked_by))))
constraint policy_override.policy_override_state_ck CHECK ((state = ANY (ARRAY['asked'::text, 'approved'::text, 'refused'::text, 'used'::text])))
constraint policy_override.policy_override_used_at_ck CHECK (((used_at = 0) = (state <> 'used'::text)))
constraint policy_trial.policy_trial_decision_fk FOREIGN KEY (decision) REFERENCES decision(id) ON DELETE CASCADE
constraint policy_trial.policy_trial_differs_ck CHECK ((effect <> was))
constraint policy_trial.policy_trial_effect_ck CHECK ((effect = ANY (ARRAY['deny'::text, 'step_up'::text, 'allow'::text])))
constraint policy_trial.policy_trial_pk PRIMARY KEY (number, decision)
constraint policy_trial.policy_trial_was_ck CHECK ((was = ANY (ARRAY['deny'::text, 'step_up'::text, 'allow'::text])))
constraint policy_trial_day.policy_trial_day_judged_ck CHECK ((judged > 0))
constraint policy_trial_day.policy_trial_day_pk PRIMARY KEY (number, day)
constraint policy_version.policy_version_number_ck CHECK ((number > 0))
constraint policy_version.policy_version_pk PRIMARY KEY (number)
constraint policy_version.policy_version_published_ck CHECK (((state <> 'enforced'::text) OR (published_at > 0)))
constraint policy_version.policy_version_revision_ck CHECK ((revision > 0))
constraint policy_version.policy_version_state_ck CHECK ((state = ANY (ARRAY['draft'::text, 'report_only'::text, 'enforced'::text, 'retired'::text])))
constraint policy_version.policy_version_version_ck CHECK ((version <> ''::text))
constraint policy_version.policy_version_version_uq UNIQUE (version)
constraint recovery_approval.recovery_approval_pk PRIMARY KEY (recovery, person)
constraint recovery_approval.recovery_approval_recovery_fk FOREIGN KEY (recovery) REFERENCES recovery_case(id)
constraint recovery_case.recovery_case_closed_at_ck CHECK (((closed_at > 0) = (state = ANY (ARRAY['completed'::text, 'refused'::text, 'withdrawn'::text, 'stopped'::text, 'expired'::text]))))
constraint recovery_case.recovery_case_cools_until_ck CHECK (((NOT privileged) OR (cools_until > 0) OR (pass = ''::text)))
constraint recovery_case.recovery_case_method_ck CHECK ((method = ANY (ARRAY[''::text, 'in_person'::text, 'video'::text, 'line_manager'::text, 'colleague'::text])))
constraint recovery_case.recovery_case_objection_hash_uq UNIQUE (objection_hash)
constraint recovery_case.recovery_case_opener_ck CHECK (((opener <> person) AND (checker <> person)))
constraint recovery_case.recovery_case_pk PRIMARY KEY (id)
constraint recovery_case.recovery_case_state_ck CHECK ((state = ANY (ARRAY['opened'::text, 'checked'::text, 'cooling_off'::text, 'ready'::text, 'pass_issued'::text, 'registered'::text, 'completed'::text, 'refused'::text, 'withdrawn'::text, 'stopped'::text, 'expired'::text])))
constraint recovery_case.recovery_case_why_ck CHECK ((why = ANY (ARRAY['lost_all'::text, 'forgotten'::text, 'broken'::text, 'new_device'::text, 'first_key'::text])))
constraint recovery_code.recovery_code_code_hash_ck CHECK ((length(code_hash) = 32))
constraint recovery_code.recovery_code_pk PRIMARY KEY (secret, code_hash)
constraint recovery_code.recovery_code_secret_fk FOREIGN KEY (secret) REFERENCES shared_secret(id)
constraint retirement.retirement_ended_at_ck CHECK (((ended_at = 0) = (state = 'disabled'::text)))
constraint retirement.retirement_person_ck CHECK ((person <> ''::text))
constraint retirement.retirement_pk PRIMARY KEY (id)
constraint retirement.retirement_secret_fk FOREIGN KEY (secret) REFERENCES shared_secret(id)
constraint retirement.retirement_state_ck CHECK ((state = ANY (ARRAY['disabled'::text, 'restored'::text, 'removed'::text])))
constraint retirement.retirement_until_ck CHECK ((until > at))
constraint risk_case.risk_case_pk PRIMARY KEY (id)
constraint risk_known.risk_known_kind_ck CHECK ((kind = ANY (ARRAY['network'::text, 'asn'::text, 'country'::text, 'device'::text, 'hour'::text, 'blocked_network'::text, 'blocked_device'::text, 'lost_key'::text])))
constraint risk_known.risk_known_pk PRIMARY KEY (person, kind, value)
constraint risk_sight.risk_sight_answer_ck CHECK ((answer = ANY (ARRAY[''::text, 'was_me'::text, 'was_not_me'::text, 'confirmed'::text])))
constraint risk_sight.risk_sight_pk PRIMARY KEY (session, network)
constraint role_grant.role_grant_person_fk FOREIGN KEY (person_id) REFERENCES person(id)
constraint role_grant.role_grant_pk PRIMARY KEY (person_id, role)
constraint role_grant.role_grant_role_ck CHECK ((role = ANY (ARRAY['administrator'::text, 'security_lead'::text, 'key_custodian'::text, 'service_desk'::text, 'auditor'::text, 'exercise_lead'::text, 'risk_owner'::text])))
constraint seal_canary.seal_canary_id_ck CHECK ((id = 'canary'::text))
constraint seal_canary.seal_canary_pk PRIMARY KEY (id)
constraint service.service_impact_ck CHECK (((impact >= 0) AND (impact <= 5)))
constraint service.service_owner_fk FOREIGN KEY (owner) REFERENCES person(id)
constraint service.service_pk PRIMARY KEY (id)
constraint service.service_slug_uq UNIQUE (slug)
constraint service.service_state_ck CHECK ((state = ANY (ARRAY['admitted'::text, 'retired'::text])))
constraint service_action.service_action_pk PRIMARY KEY (service_id, name)
constraint service_action.service_action_service_id_fk FOREIGN KEY (service_id) REFERENCES service(id)
constraint service_route.service_route_host_ck CHECK (((host <> ''::text) AND (host = lower(host))))
constraint service_route.service_route_host_uq UNIQUE (host, path_prefix, methods)
constraint service_route.service_route_path_prefix_ck CHECK ((substr(path_prefix, 1, 1) = '/'::text))
constraint service_route.service_route_pk PRIMARY KEY (id)
constraint service_route.service_route_service_fk FOREIGN KEY (service_id) REFERENCES service(id)
constraint service_use.service_use_pk PRIMARY KEY (person, service)
constraint service_use_mark.service_use_mark_one_ck CHECK ((one = 1))
constraint service_use_mark.service_use_mark_pk PRIMARY KEY (one)
constraint session.session_aal_ck CHECK (((aal >= 1) AND (aal <= 3)))
constraint session.session_ended_ck CHECK (((ended_at = 0) = (end_reason = ''::text)))
constraint session.session_host_ck CHECK (((parent IS NULL) = (host = ''::text)))
constraint session.session_key_ck CHECK (((key = ''::text) = (method = 'totp'::text)))
constraint session.session_keyless_ck CHECK (((method <> 'totp'::text) OR ((aal = 2) AND (NOT phishing_resistant) AND (NOT hardware_bound) AND (NOT attested) AND (NOT user_verified))))
constraint session.session_method_ck CHECK ((method = ANY (ARRAY['totp'::text, 'passkey_synced'::text, 'passkey_device'::text, 'security_key'::text, 'security_key_attested'::text])))
constraint session.session_parent_fk FOREIGN KEY (parent) REFERENCES session(id)
constraint session.session_person_ck CHECK (((person <> ''::text) AND (credential <> ''::text)))
constraint session.session_pk PRIMARY KEY (id)
constraint session.session_times_ck CHECK (((auth_time <= created_at) AND (created_at <= absolute_end)))
constraint session.session_token_hash_ck CHECK ((length(token_hash) = 32))
constraint session.session_token_hash_uq UNIQUE (token_hash)
constraint session_ticket.session_ticket_host_ck CHECK ((host <> ''::text))
constraint session_ticket.session_ticket_parent_fk FOREIGN KEY (parent) REFERENCES session(id)
constraint session_ticket.session_ticket_pk PRIMARY KEY (ticket_hash)
constraint session_ticket.session_ticket_ticket_hash_ck CHECK ((length(ticket_hash) = 32))
constraint shared_secret.shared_secret_method_ck CHECK ((method = ANY (ARRAY['password'::text, 'totp'::text, 'recovery_code'::text])))
constraint shared_secret.shared_secret_person_ck CHECK ((person <> ''::text))
constraint shared_secret.shared_secret_pk PRIMARY KEY (id)
constraint shared_secret.shared_secret_reason_ck CHECK (((state = 'active'::text) = (reason = ''::text)))
constraint shared_secret.shared_secret_sealed_ck CHECK (((length(sealed) = 0) = ((state = 'revoked'::text) OR (method = 'recovery_code'::text))))
constraint shared_secret.shared_secret_state_ck CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'revoked'::text])))
constraint shared_secret.shared_secret_step_ck CHECK (((step = 0) OR (method = 'totp'::text)))
constraint signin_attempt.signin_attempt_aal_ck CHECK (((aal >= 1) AND (aal <= 3)))
constraint signin_attempt.signin_attempt_code_ck CHECK (((code = ''::text) OR (password <> ''::text)))
constraint signin_attempt.signin_attempt_opening_ck CHECK (((opening = ''::text) OR ((opening = ANY (ARRAY['secrets'::text, 'recovery_code'::text])) AND (code <> ''::text) AND (invitation = ''::text)) OR ((opening = 'key'::text) AND (opener <> ''::text) AND (invitation = ''::text))))
constraint signin_attempt.signin_attempt_password_ck CHECK (((state <> 'giving_code'::text) OR ((password <> ''::text) AND (person <> ''::text))))
constraint signin_attempt.signin_attempt_pk PRIMARY KEY (id)
constraint signin_attempt.signin_attempt_purpose_ck CHECK ((purpose = ANY (ARRAY['sign_in'::text, 'step_up'::text, 'enrol'::text])))
constraint signin_attempt.signin_attempt_session_ck CHECK (((result_session = ''::text) OR (state = 'finished'::text)))
constraint signin_attempt.signin_attempt_state_ck CHECK ((state = ANY (ARRAY['identifying'::text, 'using_key'::text, 'giving_password'::text, 'giving_code'::text, 'registering'::text, 'confirming'::text, 'finished'::text, 'stopped'::text])))
constraint signin_attempt.signin_attempt_tries_ck CHECK (((tries >= 0) AND (tries <= 5)))
constraint signin_decoy.signin_decoy_pk PRIMARY KEY (name)
constraint signing_key.signing_key_pk PRIMARY KEY (key_id)
constraint step_up.step_up_pk PRIMARY KEY (id)
constraint step_up.step_up_state_ck CHECK ((state = ANY (ARRAY['waiting'::text, 'granted'::text, 'used'::text, 'declined'::text, 'abandoned'::text, 'expired'::text])))
constraint throttle_count.throttle_count_failures_ck CHECK (((failures >= 0) AND ((shared >= 0) AND (shared <= failures)) AND (told >= 0)))
constraint throttle_count.throttle_count_pk PRIMARY KEY (name)
constraint throttle_place.throttle_place_pk PRIMARY KEY (account, source)
CREATE INDEX audit_entry_actor_ix ON public.audit_entry USING btree (actor_id, at)
CREATE INDEX audit_entry_at_ix ON public.audit_entry USING btree (at, turn, id)
CREATE UNIQUE INDEX audit_entry_pk ON public.audit_entry USING btree (id)
CREATE INDEX audit_entry_subject_ix ON public.audit_entry USING btree (subject, at)
CREATE UNIQUE INDEX audit_head_pk ON public.audit_head USING btree (id)
CREATE UNIQUE INDEX audit_link_entry_uq ON public.audit_link USING btree (entry)
CREATE UNIQUE INDEX audit_link_pk ON public.audit_link USING btree (number)
CREATE INDEX breakglass_use_begun_at_ix ON public.breakglass_use USING btree (begun_at, id)
CREATE UNIQUE INDEX breakglass_use_challenge_uq ON public.breakglass_use USING btree (challenge)
CREATE UNIQUE INDEX breakglass_use_open_uq ON public.breakglass_use USING btree (state) WHERE (state = 'open'::text)
CREATE UNIQUE INDEX breakglass_use_pk ON public.breakglass_use USING btree (id)
CREATE INDEX breakglass_use_state_ix ON public.breakglass_use USING btree (state, begun_at)
CREATE UNIQUE INDEX credential_credential_id_uq ON public.credential USING btree (credential_id)
CREATE INDEX credential_key_ix ON public.credential USING btree (key, created_at, id)
CREATE INDEX credential_person_ix ON public.credential USING btree (person, created_at, id)
CREATE UNIQUE INDEX credential_pk ON public.credential USING btree (id)
CREATE INDEX decision_effect_ix ON public.decision USING btree (effect, id) WHERE (effect <> 'allow'::text)
CREATE INDEX decision_exception_ix ON public.decision USING btree (exception, id) WHERE (exception <> ''::text)
CREATE INDEX decision_person_ix ON public.decision USING btree (person, id)
CREATE UNIQUE INDEX decision_pk ON public.decision USING btree (id)
CREATE INDEX decision_service_ix ON public.decision USING btree (service, id)
CREATE INDEX desk_use_agent_ix ON public.desk_use USING btree (agent, deed, used_at)
CREATE INDEX desk_use_used_at_ix ON public.desk_use USING btree (used_at)
CREATE UNIQUE INDEX evidence_chunk_pk ON public.evidence_chunk USING btree (item, number)
CREATE INDEX evidence_item_kind_ix ON public.evidence_item USING btree (kind, recorded_at, id)
CREATE UNIQUE INDEX evidence_item_pk ON public.evidence_item USING btree (id)
CREATE UNIQUE INDEX evidence_item_supersedes_uq ON public.evidence_item USING btree (supersedes)
CREATE UNIQUE INDEX exception_number_uq ON public.exception USING btree (number)
CREATE UNIQUE INDEX exception_pk ON public.exception USING btree (id)
CREATE INDEX exception_state_ix ON public.exception USING btree (state, ends_at)
CREATE UNIQUE INDEX exception_debt_pk ON public.exception_debt USING btree (day)
CREATE UNIQUE INDEX exception_group_pk ON public.exception_group USING btree (exception_id, name)
CREATE INDEX exception_person_person_ix ON public.exception_person USING btree (person_id)
CREATE UNIQUE INDEX exception_person_pk ON public.exception_person USING btree (exception_id, person_id)
CREATE INDEX exception_review_due_ix ON public.exception_review USING btree (due) WHERE (state = 'open'::text)
CREATE UNIQUE INDEX exception_review_exception_uq ON public.exception_review USING btree (exception) WHERE (state = 'open'::text)
CREATE INDEX exception_review_of_ix ON public.exception_review USING btree (exception, due)
CREATE UNIQUE INDEX exception_review_pk ON public.exception_review USING btree (id)
CREATE UNIQUE INDEX exception_warning_pk ON public.exception_warning USING btree (exception_id, person_id, ends_at, days)
CREATE UNIQUE INDEX fido_entry_pk ON public.fido_entry USING btree ("position")
CREATE UNIQUE INDEX fido_metadata_pk ON public.fido_metadata USING btree (one)
CREATE UNIQUE INDEX former_email_pk ON public.former_email USING btree (person, email)
CREATE INDEX former_email_replaced_ix ON public.former_email USING btree (replaced_at)
CREATE UNIQUE INDEX invitation_person_uq ON public.invitation USING btree (person) WHERE (closed_at = 0)
CREATE UNIQUE INDEX invitation_pk ON public.invitation USING btree (id)
CREATE UNIQUE INDEX invitation_token_hash_uq ON public.invitation USING btree (token_hash)
CREATE UNIQUE INDEX job_lease_pk ON public.job_lease USING btree (name)
CREATE INDEX key_created_ix ON public.key USING btree (created_at, id)
CREATE INDEX key_holder_ix ON public.key USING btree (holder, created_at, id)
CREATE UNIQUE INDEX key_pk ON public.key USING btree (id)
CREATE UNIQUE INDEX key_serial_uq ON public.key USING btree (serial)
CREATE UNIQUE INDEX key_model_pk ON public.key_model USING btree (aaguid)
CREATE UNIQUE INDEX key_model_warning_pk ON public.key_model_warning USING btree (make, kind)
CREATE UNIQUE INDEX leave_absence_pk ON public.leave_absence USING btree (calendar, person, first_day, last_day)
CREATE UNIQUE INDEX leave_calendar_pk ON public.leave_calendar USING btree (id)
CREATE UNIQUE INDEX live_ack_pk ON public.live_ack USING btree (question, node)
CREATE UNIQUE INDEX live_node_pk ON public.live_node USING btree (node)
CREATE INDEX mail_created_ix ON public.mail USING btree (created_at, id)
CREATE UNIQUE INDEX mail_pk ON public.mail USING btree (id)
CREATE INDEX mail_state_ix ON public.mail USING btree (state, next_at, id)
CREATE UNIQUE INDEX people_group_name_uq ON public.people_group USING btree (name)
CREATE UNIQUE INDEX people_group_pk ON public.people_group USING btree (id)
CREATE INDEX people_group_member_person_ix ON public.people_group_member USING btree (person_id)
CREATE UNIQUE INDEX people_group_member_pk ON public.people_group_member USING btree (group_id, person_id, source)
CREATE INDEX person_break_glass_ix ON public.person USING btree (user_name) WHERE (kind = 'break_glass'::text)
CREATE INDEX person_department_ix ON public.person USING btree (department, user_name)
CREATE UNIQUE INDEX person_email_lower_uq ON public.person USING btree (email_lower)
CREATE INDEX person_manager_ix ON public.person USING btree (manager)
CREATE UNIQUE INDEX person_pk ON public.person USING btree (id)
CREATE UNIQUE INDEX person_user_name_uq ON public.person USING btree (user_name)
CREATE INDEX policy_forecast_draft_ix ON public.policy_forecast USING btree (draft, against, made_at)
CREATE UNIQUE INDEX policy_forecast_pk ON public.policy_forecast USING btree (id)
CREATE INDEX policy_override_draft_ix ON public.policy_override USING btree (draft, against, asked_at)
CREATE UNIQUE INDEX policy_override_pk ON public.policy_override USING btree (id)
CREATE INDEX policy_trial_at_ix ON public.policy_trial USING btree (number, at)
CREATE INDEX policy_trial_decision_ix ON public.policy_trial USING btree (decision)
CREATE UNIQUE INDEX policy_trial_pk ON public.policy_trial USING btree (number, decision)
CREATE UNIQUE INDEX policy_trial_day_pk ON public.policy_trial_day USING btree (number, day)
CREATE UNIQUE INDEX policy_version_enforced_uq ON public.policy_version USING btree (state) WHERE (state = 'enforced'::text)
CREATE UNIQUE INDEX policy_version_pk ON public.policy_version USING btree (number)
CREATE UNIQUE INDEX policy_version_version_uq ON public.policy_version USING btree (version)
CREATE UNIQUE INDEX recovery_approval_pk ON public.recovery_approval USING btree (recovery, person)
CREATE INDEX recovery_case_credential_ix ON public.recovery_case USING btree (credential) WHERE (credential <> ''::text)
CREATE UNIQUE INDEX recovery_case_objection_hash_uq ON public.recovery_case USING btree (objection_hash)
CREATE INDEX recovery_case_opened_at_ix ON public.recovery_case USING btree (opened_at, id)
CREATE INDEX recovery_case_pass_ix ON public.recovery_case USING btree (pass) WHERE (pass <> ''::text)
CREATE UNIQUE INDEX recovery_case_person_uq ON public.recovery_case USING btree (person) WHERE (closed_at = 0)
CREATE UNIQUE INDEX recovery_case_pk ON public.recovery_case USING btree (id)
CREATE UNIQUE INDEX recovery_code_pk ON public.recovery_code USING btree (secret, code_hash)
CREATE INDEX retirement_method_ix ON public.retirement USING btree (method, at, id)
CREATE UNIQUE INDEX retirement_pk ON public.retirement USING btree (id)
CREATE UNIQUE INDEX retirement_secret_uq ON public.retirement USING btree (secret) WHERE (state = 'disabled'::text)
CREATE INDEX retirement_until_ix ON public.retirement USING btree (until) WHERE (state = 'disabled'::text)
CREATE INDEX risk_case_closed_at_ix ON public.risk_case USING btree (closed_at, opened_at)
CREATE UNIQUE INDEX risk_case_pk ON public.risk_case USING btree (id)
CREATE INDEX risk_known_last_at_ix ON public.risk_known USING btree (last_at)
CREATE UNIQUE INDEX risk_known_pk ON public.risk_known USING btree (person, kind, value)
CREATE INDEX risk_sight_at_ix ON public.risk_sight USING btree (at)
CREATE UNIQUE INDEX risk_sight_objection_ux ON public.risk_sight USING btree (objection_hash) WHERE (objection_hash IS NOT NULL)
CREATE INDEX risk_sight_person_ix ON public.risk_sight USING btree (person, at)
CREATE UNIQUE INDEX risk_sight_pk ON public.risk_sight USING btree (session, network)
CREATE UNIQUE INDEX role_grant_pk ON public.role_grant USING btree (person_id, role)
CREATE INDEX role_grant_role_ix ON public.role_grant USING btree (role, person_id)
CREATE UNIQUE INDEX seal_canary_pk ON public.seal_canary USING btree (id)
CREATE UNIQUE INDEX service_pk ON public.service USING btree (id)
CREATE UNIQUE INDEX service_slug_uq ON public.service USING btree (slug)
CREATE UNIQUE INDEX service_action_pk ON public.service_action USING btree (service_id, name)
CREATE UNIQUE INDEX service_route_host_uq ON public.service_route USING btree (host, path_prefix, methods)
CREATE UNIQUE INDEX service_route_pk ON public.service_route USING btree (id)
CREATE INDEX service_route_service_ix ON public.service_route USING btree (service_id)
CREATE UNIQUE INDEX service_use_pk ON public.service_use USING btree (person, service)
CREATE UNIQUE INDEX service_use_mark_pk ON public.service_use_mark USING btree (one)
CREATE INDEX session_aal_ix ON public.session USING btree (aal, last_seen_at) WHERE (ended_at = 0)
CREATE INDEX session_absolute_end_ix ON public.session USING btree (absolute_end) WHERE (ended_at = 0)
CREATE INDEX session_key_ix ON public.session USING btree (key)
CREATE INDEX session_open_ix ON public.session USING btree (created_at, id) WHERE ((ended_at = 0) AND (parent IS NULL))
CREATE INDEX session_parent_ix ON public.session USING btree (parent)
CREATE INDEX session_person_ix ON public.session USING btree (person, created_at, id)
CREATE UNIQUE INDEX session_pk ON public.session USING btree (id)
CREATE UNIQUE INDEX session_token_hash_uq ON public.session USING btree (token_hash)
CREATE INDEX session_ticket_expires_ix ON public.session_ticket USING btree (expires_at)
CREATE UNIQUE INDEX session_ticket_pk ON public.session_ticket USING btree (ticket_hash)
CREATE INDEX shared_secret_method_ix ON public.shared_secret USING btree (method, person) WHERE (state = 'active'::text)
CREATE INDEX shared_secret_person_ix ON public.shared_secret USING btree (person, created_at, id)
CREATE UNIQUE INDEX shared_secret_person_uq ON public.shared_secret USING btree (person, method) WHERE ((state <> 'revoked'::text) AND (method <> 'totp'::text))
CREATE UNIQUE INDEX shared_secret_pk ON public.shared_secret USING btree (id)
CREATE INDEX signin_attempt_expires_at_ix ON public.signin_attempt USING btree (expires_at)
CREATE UNIQUE INDEX signin_attempt_pk ON public.signin_attempt USING btree (id)
CREATE UNIQUE INDEX signin_decoy_pk ON public.signin_decoy USING btree (name)
CREATE UNIQUE INDEX signing_key_pk ON public.signing_key USING btree (key_id)
CREATE INDEX step_up_asked_ix ON public.step_up USING btree (asked_at)
CREATE INDEX step_up_person_ix ON public.step_up USING btree (person) WHERE (state = 'waiting'::text)
CREATE UNIQUE INDEX step_up_pk ON public.step_up USING btree (id)
CREATE INDEX step_up_session_ix ON public.step_up USING btree (session, action_hash, asked_at)
CREATE INDEX step_up_until_ix ON public.step_up USING btree (until) WHERE (state = ANY (ARRAY['waiting'::text, 'granted'::text]))
CREATE INDEX throttle_count_account_ix ON public.throttle_count USING btree (account)
CREATE UNIQUE INDEX throttle_count_pk ON public.throttle_count USING btree (name)
CREATE INDEX throttle_count_touched_at_ix ON public.throttle_count USING btree (touched_at)
CREATE UNIQUE INDEX throttle_place_pk ON public.throttle_place USING btree (account, source)
CREATE INDEX throttle_place_proven_at_ix ON public.throttle_place USING btree (proven_at)
