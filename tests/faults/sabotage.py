"""The sabotage list: what "no request is lost, doubled or stuck" rests on.

Each entry takes one protection away and names the tests that must notice. `test_sabotage.py` does
it; a protection that nobody would miss is either not tested or not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Database = Literal["sqlite", "postgresql", "mariadb"]


@dataclass(frozen=True, slots=True)
class Cut:
    """One change of the source: `text` stands once in the object that `where` names, as
    `module:object`, and `instead` takes its place."""

    where: str
    text: str
    instead: str = ""

    @property
    def module(self) -> str:
        return self.where.partition(":")[0]

    @property
    def object(self) -> str:
        return self.where.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Sabotage:
    """`promise` is what no longer holds without the protection; `tests` are those that all must
    fail then."""

    name: str
    promise: str
    cuts: tuple[Cut, ...]
    tests: tuple[str, ...]
    database: Database = "sqlite"
    is_quick: bool = False
    """One of the few that every run of the whole suite does; see `make sabotage` for all."""

    @property
    def changes_tables(self) -> bool:
        """Whether the tables themselves lack something: they have to be made without it."""
        return any(
            ".migrations." in cut.module or cut.module == "workflows.guards" for cut in self.cuts
        )


def _sabotage(
    name: str,
    promise: str,
    where: str,
    text: str,
    instead: str = "",
    *,
    red: str | tuple[str, ...],
    database: Database = "sqlite",
    is_quick: bool = False,
) -> Sabotage:
    """Return an entry with one cut; `red` are tests below tests/."""
    tests = (red,) if isinstance(red, str) else red
    cut = Cut(where, text, instead)
    return Sabotage(
        name, promise, (cut,), tuple(f"tests/{test}" for test in tests), database, is_quick
    )


def _on(database: Database, each: Sabotage) -> Sabotage:
    """Return the same entry on another database."""
    return Sabotage(f"{each.name}-{database}", each.promise, each.cuts, each.tests, database)


RACES = "workflows/test_races.py"
JOBS = "workflows/test_jobs.py"
FENCES = "workflows/test_fences.py"
SWEEPS = "workflows/test_sweep.py"
ONCE = "workflows/test_unique.py"
TIMERS = "workflows/test_timers.py"
TOPICS = "workflows/test_topics.py"
GUARDS = "workflows/test_guards.py"
HISTORY = "workflows/test_history.py"
KEYS = "api/test_idempotency.py"
QUERYSETS = "workflows.querysets"
STORED_JOBS = "workflows.store.jobs"
TAKING = "workflows.store.taking"
FIRST = "workflows.migrations.0001_initial:Migration"
NOTHING = ", condition=models.Q(pk__lt=0)"
"""Lets a unique constraint hold for no row."""

_case_lock = _sabotage(
    "case-lock",
    "Two steps of a case happen one after the other.",
    f"{QUERYSETS}:CaseQuerySet.locked",
    "self.select_for_update(of=of)",
    "self.all()",
    red=f"{RACES}::test_who_comes_second_waits_for_the_lock_and_then_sees_what_the_first_did",
    database="postgresql",
    is_quick=True,
)

LOCKS = (
    _case_lock,
    _on("mariadb", _case_lock),
    _sabotage(
        "one-writer",
        "On SQLite, who begins a step is its one writer until it ends.",
        "goflow_site.settings:",
        '"transaction_mode": "IMMEDIATE",',
        red=f"{RACES}::test_who_comes_second_waits_for_the_lock_and_then_sees_what_the_first_did",
    ),
    _sabotage(
        "seen-again",
        "Who waited for the lock sees the items as they are after the wait.",
        "workflows.store.reading:lock_case_of",
        "row[_SEEN] != row[_STEP_COUNT]",
        "False",
        red="workflows/test_store.py"
        "::test_who_waits_for_the_lock_reads_the_items_that_were_opened_meanwhile",
        database="postgresql",
    ),
    _sabotage(
        "nobody-elses-commit",
        "A step within another transaction is not committed before that is.",
        "workflows.store.planning:_may_commit",
        "len(database.atomic_blocks) == 1",
        "True",
        red="workflows/test_statements.py"
        "::test_a_step_within_another_transaction_is_not_committed_before_it",
        database="postgresql",
    ),
    _sabotage(
        "answers-are-proved",
        "A step rests on no answer about people that is no longer true.",
        "workflows.store.kept:proof_of",
        "'{CHANGED}'",
        "'0'",
        red="workflows/test_kept.py"
        "::test_a_step_asks_the_manager_whom_somebody_else_has_just_named[at once]",
        database="postgresql",
    ),
    _sabotage(
        "refusals-have-asked",
        "Nobody is refused because of what was true before.",
        "workflows.store.kept:with_kept_answers",
        "if not relied.keys:",
        "if True:",
        red="workflows/test_kept.py::test_nobody_is_refused_because_of_what_was_true_before",
        database="postgresql",
    ),
    _sabotage(
        "one-transaction-of-a-command",
        "A command that is refused half-way leaves nothing behind.",
        "workflows.engine.commands:once",
        "transaction.atomic()",
        'observe_step("")',
        red="workflows/test_start.py::test_a_task_that_would_open_for_nobody_refuses_the_start",
        is_quick=True,
    ),
    _sabotage(
        "one-transaction-of-a-result",
        "A result that is refused leaves its job to be ended otherwise.",
        "workflows.engine.service:_finish",
        "@transaction.atomic\n",
        red=f"{JOBS}::test_a_result_that_the_schema_refuses_becomes_an_incident",
    ),
    _sabotage(
        "one-transaction-of-a-request",
        "A request and the record of its answer are there both, or neither.",
        "workflows.api.idempotency:_run_and_keep",
        "@transaction.atomic\n",
        red=f"{KEYS}::test_a_refusal_leaves_the_key_free",
    ),
    _sabotage(
        "again-after-a-deadlock",
        "A decision that was the victim of a deadlock is made all the same.",
        "workflows.engine.commands:once",
        "@store.again_after_conflict\n    ",
        red="workflows/test_conflicts.py"
        "::test_a_decision_that_is_the_victim_of_a_deadlock_is_made_all_the_same",
        database="postgresql",
    ),
    _sabotage(
        "case-before-job",
        "Giving a job up and a step of its case do not wait for each other.",
        "workflows.jobs.ending:give_up",
        "store.lock_case(job.case_id)",
        "pass",
        red="api/test_jobs.py::test_a_failure_and_a_step_of_the_case_at_once_do_not_block_each_other",
        database="postgresql",
    ),
    _sabotage(
        "flow-lock",
        "Of two versions published at once, one is in force.",
        "workflows.publishing.lifecycle:_freeze",
        "Flow.objects.select_for_update()",
        "Flow.objects",
        red="workflows/test_publishing.py::test_of_two_versions_published_at_once_one_is_in_force",
        database="postgresql",
    ),
    _sabotage(
        "what-was-proved",
        "What is published is what was proved.",
        "workflows.publishing.lifecycle:_freeze",
        "not is_of(proof, locked)",
        "False",
        red="workflows/test_publishing.py"
        "::test_a_draft_that_is_edited_while_it_is_proved_is_not_published",
    ),
    _sabotage(
        "employee-lock",
        "Two leaves of one person on the same days are not both submitted.",
        "approvals.services.submit:_queue_up",
        "Employee.objects.select_for_update()",
        "Employee.objects",
        red="approvals/test_at_once.py::test_of_two_leaves_on_the_same_days_one_is_refused",
        database="postgresql",
    ),
    _sabotage(
        "series-lock",
        "No number is given to two requests.",
        "approvals.numbers:take_number",
        "NumberSeries.objects.select_for_update()",
        "NumberSeries.objects",
        red="approvals/test_at_once.py::test_no_number_is_given_twice",
        database="postgresql",
    ),
    _sabotage(
        "incident-lock",
        "A given-up job that two operators mend at once is mended once.",
        "workflows.engine.incidents:_locked",
        "Job.objects.select_for_update()",
        "Job.objects",
        red=f"{FENCES}::test_a_given_up_effect_that_two_operators_mend_at_once_is_mended_once",
        database="postgresql",
    ),
)

_take_lock = _sabotage(
    "take-lock",
    "Of two workers that look at once, one gets the job.",
    f"{TAKING}:_Wanted.keys",
    "due.select_for_update(skip_locked=skips)",
    "due",
    red=f"{FENCES}::test_what_one_worker_is_taking_another_does_not_get",
    database="postgresql",
    is_quick=True,
)

TAKEN = (
    _take_lock,
    _on("mariadb", _take_lock),
    _sabotage(
        "take-skips",
        "A worker does not wait for what another is just taking.",
        f"{TAKING}:_Wanted.keys",
        "skip_locked=skips",
        red=f"{FENCES}::test_what_one_worker_is_taking_another_does_not_wait_for",
        database="postgresql",
    ),
    _sabotage(
        "take-only-due",
        "What a worker holds, no other takes.",
        f"{QUERYSETS}:JobQuerySet.takeable",
        'state="due", ',
        red=f"{JOBS}::test_a_job_whose_worker_died_is_taken_again_when_its_lease_has_run_out",
        is_quick=True,
    ),
    _sabotage(
        "take-never-early",
        "Nothing is taken before it is due.",
        f"{QUERYSETS}:JobQuerySet.takeable",
        ", due_at__lte=StatementNow()",
        red=f"{TIMERS}::test_a_timer_does_not_ring_early",
    ),
    _sabotage(
        "take-running-cases",
        "The jobs of a case that stands still wait for it.",
        f"{QUERYSETS}:JobQuerySet.takeable",
        ', state="running")',
        ")",
        red=f"{JOBS}::test_the_jobs_of_a_suspended_case_wait",
    ),
    _sabotage(
        "attempts-at-taking",
        "A job that kills its workers does not do so for ever.",
        f"{TAKING}:_update",
        '"attempts": F("attempts") + 1,',
        red=(
            f"{JOBS}::test_a_job_that_kills_its_workers_becomes_an_incident",
            f"{TOPICS}::test_a_job_that_kills_its_workers_makes_an_incident",
        ),
        is_quick=True,
    ),
    _sabotage(
        "most-attempts",
        "A job that was taken as often as it may be is run no more.",
        "workflows.jobs.worker:Worker.run",
        "job.attempts > job.max_attempts",
        "False",
        red=f"{JOBS}::test_a_job_that_kills_its_workers_becomes_an_incident",
    ),
    _sabotage(
        "most-failures",
        "A job that fails again and again comes before a person.",
        "workflows.jobs.ending:again",
        "job.is_last_attempt",
        "False",
        red=f"{JOBS}::test_a_handler_that_keeps_failing_becomes_an_incident",
    ),
)

LEASES = (
    _sabotage(
        "lease-grows",
        "Each taking has a fencing token of its own.",
        f"{TAKING}:_update",
        '"lease": F("lease") + 1,',
        red=f"{FENCES}::test_a_worker_that_slept_past_its_lease_ends_nothing_that_another_holds",
    ),
    _sabotage(
        "fence-of-the-end",
        "F14: who slept past the lease does not end what another holds.",
        f"{STORED_JOBS}:end_job",
        "AND {rows.column('lease')} = %s ",
        "AND {rows.column('lease')} >= %s ",
        red=f"{FENCES}::test_a_worker_that_slept_past_its_lease_ends_nothing_that_another_holds",
        is_quick=True,
    ),
    _sabotage(
        "state-at-the-end",
        "Who comes back late does not end what was given up.",
        f"{STORED_JOBS}:end_job",
        "{rows.column('state')} IN (%s, %s) ",
        "'' NOT IN (%s, %s) ",
        red=f"{FENCES}::test_a_worker_that_comes_back_late_does_not_end_what_was_given_up",
    ),
    _sabotage(
        "timer-never-early",
        "A timer that was taken early has not rung.",
        f"{STORED_JOBS}:end_job",
        "AND {rows.column('due_at')} <= {NOW[connection.vendor].replace('%', '%%')}",
        red=f"{TIMERS}::test_a_timer_taken_early_by_mistake_does_not_ring",
    ),
    _sabotage(
        "fence-of-a-try",
        "Who slept past the lease does not give up, or back, what another holds.",
        f"{STORED_JOBS}:end_try",
        "lease=job.lease, ",
        red=(
            f"{FENCES}::test_a_worker_that_slept_past_its_lease_does_not_give_up_what_another_holds",
            f"{FENCES}::test_a_worker_that_slept_past_its_lease_gives_nothing_back_that_another_holds",
        ),
    ),
    _sabotage(
        "state-at-a-try",
        "Who comes back late does not make due again what has ended.",
        f"{STORED_JOBS}:end_try",
        ", state=JobState.RUNNING",
        red=f"{FENCES}::test_a_worker_that_comes_back_late_does_not_begin_again_what_was_cancelled",
    ),
    _sabotage(
        "fence-of-an-extension",
        "Who slept past the lease does not extend another's.",
        f"{STORED_JOBS}:extend_lease",
        "lease=lease, ",
        red=f"{FENCES}::test_a_worker_that_slept_past_its_lease_does_not_extend_another_s",
    ),
    _sabotage(
        "state-at-an-extension",
        "A lease that has run out is not extended.",
        f"{STORED_JOBS}:extend_lease",
        ", state=JobState.RUNNING",
        red=f"{TOPICS}::test_a_lease_that_has_run_out_is_not_extended",
    ),
    _sabotage(
        "lease-is-kept",
        "What takes longer than its lease stays its worker's.",
        "workflows.jobs.keeper:Keeper._look_after",
        "held.is_lost = not self.extend(held.job)",
        "pass",
        red=f"{FENCES}::test_a_handler_that_outlasts_its_lease_keeps_its_job",
    ),
    _sabotage(
        "expired-is-freed",
        "What a dead worker held is taken by another.",
        f"{STORED_JOBS}:free_expired",
        "expired.update(state=JobState.DUE, dispatched_at=None)",
        "0 * expired.count()",
        red=f"{JOBS}::test_a_job_whose_worker_died_is_taken_again_when_its_lease_has_run_out",
        is_quick=True,
    ),
    _sabotage(
        "only-expired-is-freed",
        "A lease holds as long as it lasts.",
        f"{STORED_JOBS}:free_expired",
        ", leased_until__lt=DatabaseNow()",
        red=f"{FENCES}::test_a_lease_that_lasts_is_not_freed",
    ),
    _sabotage(
        "expired-topic-is-freed",
        "What a dead external worker held is fetched by another.",
        "workflows.store.topics:free_expired_of",
        "expired.update(state=JobState.DUE, dispatched_at=None)",
        "pass",
        red=f"{TOPICS}::test_an_expired_job_is_fetched_again_without_any_sweep",
    ),
    _sabotage(
        "dead-child-is-freed",
        "What a dead process held is free at once, and nothing else is.",
        f"{STORED_JOBS}:free_leases",
        ", leased_by=worker",
        red=f"{FENCES}::test_the_death_of_a_worker_frees_what_it_held_and_nothing_else",
    ),
)

OUTBOX = (
    _sabotage(
        "sweep-tells",
        "F5: a job of which no message tells is told of by the sweep.",
        f"{STORED_JOBS}:mark_dispatched",
        "return rows",
        "return []",
        red=f"{SWEEPS}::test_a_job_whose_message_was_lost_is_told_of_by_the_sweep",
        is_quick=True,
    ),
    _sabotage(
        "sweep-tells-again",
        "F5: a message that got lost is sent again.",
        f"{STORED_JOBS}:mark_dispatched",
        " | Q(dispatched_at__lt=StatementNow() - again_after)",
        red=f"{SWEEPS}::test_a_job_whose_message_was_lost_is_told_of_by_the_sweep",
    ),
    _sabotage(
        "sweep-marks",
        "F3: two sweeps do not tell of the same job.",
        f"{STORED_JOBS}:mark_dispatched",
        "_told([key for key, _, _ in rows]).update(dispatched_at=DatabaseNow())",
        "pass",
        red=f"{SWEEPS}::test_the_sweep_tells_once_of_what_is_due",
    ),
    _sabotage(
        "sweep-takes-back",
        "F4: of what the broker did not take, the next sweep tells again.",
        "workflows.jobs.sweep:sweep",
        "store.unmark_dispatched([key for key, _, _ in found])",
        "pass",
        red=f"{SWEEPS}::test_what_the_broker_did_not_take_is_told_by_the_next_sweep",
    ),
    _sabotage(
        "wake-after-commit",
        "F7: no worker is told of a job that is not there yet.",
        f"{STORED_JOBS}:wake_workers",
        "transaction.on_commit(lambda: wakeup.announce(keys), robust=True)",
        "wakeup.announce(keys)",
        red=f"{SWEEPS}::test_workers_are_told_of_a_job_when_it_is_committed",
    ),
    _sabotage(
        "result-is-kept",
        "What was brought while the case stood still is written back later.",
        "workflows.engine.service:_finish",
        "return store.keep_result(ended, outcome=outcome, result=given)",
        "return False",
        red=f"{TOPICS}"
        "::test_the_result_for_a_case_that_stands_still_is_written_back_when_it_goes_on",
    ),
    _sabotage(
        "withdrawn-is-cancelled",
        "What nobody waits for any more is not run.",
        "workflows.engine.advance:Advance._write",
        "stopped=self._stopped(closed)",
        "stopped=()",
        red=(
            f"{JOBS}::test_what_ends_the_task_otherwise_cancels_its_job",
            f"{TIMERS}::test_who_answers_in_time_stops_the_timer",
        ),
        is_quick=True,
    ),
    _sabotage(
        "effect-once",
        "An effect that is asked for twice happens once.",
        f"{STORED_JOBS}:add_effects",
        ", ignore_conflicts=True",
        red=f"{ONCE}::test_an_effect_that_is_asked_for_twice_is_one",
    ),
)

UNIQUE = (
    _sabotage(
        "event-sequence-once",
        "No two events of a case have one number.",
        FIRST,
        'name="event_sequence_once"',
        f'name="event_sequence_once"{NOTHING}',
        red=f"{ONCE}::test_the_database_refuses_two_events_with_one_number",
    ),
    _sabotage(
        "event-key-once",
        "F11: one key, one effect.",
        FIRST,
        'name="event_key_once"',
        f'name="event_key_once"{NOTHING}',
        red=f"{RACES}::test_one_key_used_on_eight_connections_starts_one_case",
        is_quick=True,
    ),
    Sabotage(
        "job-key-once",
        "One thing to do is one job.",
        (
            Cut(
                "workflows.migrations.0003_outbox:Migration", "null=True, unique=True", "null=True"
            ),
            Cut(
                "workflows.migrations.0005_outbox_keys:Migration",
                "max_length=160, unique=True",
                "max_length=160",
            ),
        ),
        (f"tests/{ONCE}::test_an_effect_that_is_asked_for_twice_is_one",),
    ),
    _sabotage(
        "candidate-once",
        "A person is a candidate of an item once.",
        FIRST,
        'name="candidate_user_once"',
        f'name="candidate_user_once"{NOTHING}',
        red=f"{ONCE}::test_the_database_refuses_one_candidate_twice",
    ),
    _sabotage(
        "version-number-once",
        "No two versions of a flow have one number.",
        FIRST,
        'name="flow_version_number_once"',
        f'name="flow_version_number_once"{NOTHING}',
        red=f"{ONCE}::test_the_database_refuses_two_versions_with_one_number",
    ),
    _sabotage(
        "request-key-once",
        "F11: a request that is sent again has no second effect.",
        FIRST,
        '"identity", models.CharField(max_length=64, unique=True)',
        '"identity", models.CharField(max_length=64)',
        red=(
            f"{KEYS}::test_a_case_that_is_started_twice_is_one_case",
            f"{KEYS}::test_two_requests_at_once_with_one_key_have_one_effect",
        ),
    ),
    _sabotage(
        "notice-key-once",
        "Nobody is told the same thing twice.",
        "approvals.migrations.0003_notice:Migration",
        "max_length=255, unique=True",
        "max_length=255",
        red="approvals/test_notifications.py::test_a_reminder_is_told_to_whoever_may_act_and_once",
    ),
    _sabotage(
        "form-key-once",
        "A form that is sent twice at once makes one draft.",
        "approvals.migrations.0001_initial:Migration",
        'name="request_form_once"',
        f'name="request_form_once"{NOTHING}',
        red="approvals/test_at_once.py::test_a_form_that_is_sent_twice_at_once_makes_one_draft",
        database="postgresql",
    ),
    _sabotage(
        "series-once",
        "Requests of one prefix and year are numbered by one series.",
        "approvals.migrations.0001_initial:Migration",
        'name="series_once"',
        f'name="series_once"{NOTHING}',
        red="approvals/test_at_once.py::test_the_database_refuses_a_second_series_of_one_year",
    ),
)

_guards = _sabotage(
    "guards",
    "The database itself keeps published versions and history as they are.",
    "workflows.guards:install",
    "for statement in _STATEMENTS[connection.vendor](",
    "for statement in (lambda *_: ())(",
    red=(
        f"{GUARDS}::test_the_database_refuses_to_remove_a_row_of_a_published_net",
        f"{GUARDS}::test_the_database_refuses_to_change_a_row_of_a_published_net",
        f"{GUARDS}::test_the_database_refuses_a_new_row_in_a_published_net",
        f"{GUARDS}::test_the_database_refuses_a_published_version_back_to_draft",
        f"{GUARDS}::test_the_database_refuses_another_schema_for_a_published_version",
        f"{HISTORY}::test_the_database_refuses_to_change_an_event",
        f"{HISTORY}::test_the_database_refuses_to_remove_an_event",
    ),
    is_quick=True,
)

KEPT = (
    _guards,
    _on("postgresql", _guards),
    _on("mariadb", _guards),
    _sabotage(
        "chain-link",
        "Each event is sealed with the one before it.",
        "workflows.history:seal",
        "previous_hash=case.history_hash,",
        'previous_hash="",',
        red=f"{HISTORY}::test_the_history_of_a_case_verifies_and_replays_to_its_marking",
    ),
    _sabotage(
        "chain-link-is-checked",
        "An event that was changed and sealed anew is found.",
        "workflows.history:_chain_problem",
        "event.previous_hash != previous",
        "False",
        red=f"{HISTORY}::test_an_event_that_was_changed_and_sealed_anew_is_found",
    ),
    _sabotage(
        "chain-head-is-checked",
        "A tail that was cut off is found.",
        "workflows.history:_chain_problem",
        "length != case.history_length or previous != case.history_hash",
        "False",
        red=f"{HISTORY}::test_a_cut_tail_is_found",
    ),
)

REFUSED = (
    _sabotage(
        "own-request",
        "Nobody decides on their own request.",
        "workflows.engine.rights:require_not_own",
        "person.pk == case.requester_id and not task.admits_requester",
        "False",
        red="approvals/test_submission.py"
        "::test_nobody_decides_on_their_own_request_even_as_their_own_manager",
    ),
    _sabotage(
        "expected-version",
        "Nobody decides on a page that was overtaken.",
        "workflows.engine.complete:complete",
        "expected_version is not None and expected_version != case.step_count",
        "False",
        red="workflows/test_complete.py::test_a_page_that_was_overtaken_is_refused",
    ),
    _sabotage(
        "expected-version-of-an-intervention",
        "What was foreseen of an older step is not done.",
        "workflows.engine.operate:intervene",
        "expected_version is not None and expected_version != case.step_count",
        "False",
        red="workflows/test_operate.py::test_what_was_foreseen_of_an_older_step_is_not_done",
    ),
    _sabotage(
        "repetition-is-known",
        "F11: a double click is one approval, and no error.",
        "workflows.engine.complete:_is_repetition",
        "return outcome in",
        'return "" in',
        red=f"{RACES}::test_a_double_click_is_one_approval",
    ),
    _sabotage(
        "key-of-another-call",
        "F11: a key that was used for something else is refused.",
        "workflows.engine.commands:once",
        'earlier.payload.get("fingerprint") != command.fingerprint',
        "False",
        red="workflows/test_complete.py::test_a_repeated_key_with_another_request_is_refused",
    ),
    _sabotage(
        "key-of-another-request",
        "F11: a key that was sent with another body is refused.",
        "workflows.api.idempotency:_repeat",
        "earlier.fingerprint != fingerprint",
        "False",
        red=f"{KEYS}::test_a_key_that_was_used_for_something_else_is_refused",
    ),
)

SABOTAGES = (*LOCKS, *TAKEN, *LEASES, *OUTBOX, *UNIQUE, *KEPT, *REFUSED)
