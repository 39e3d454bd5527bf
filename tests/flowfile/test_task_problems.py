"""Mistakes in tasks: each is told with its line, its path and a way out."""

from __future__ import annotations

import pytest

from tests.flowfile.mistakes import SOUND, told, with_task


@pytest.mark.parametrize(
    ("task", "outcome", "problem"),
    [
        ("{}", "approve", "5:3 tasks.review: a human task needs `assign`"),
        (
            "x",
            "approve",
            "5:11 tasks.review: must be a mapping with the task's `kind`, not the text 'x'",
        ),
        (
            "{kind: humna, assign: requester}",
            "approve",
            "5:18 tasks.review.kind: 'humna' is no kind of task. Did you mean 'human'?",
        ),
        (
            "{assign: requester, topic: x}",
            "approve",
            "5:31 tasks.review.topic: 'topic' is a key of service tasks; this is a human task",
        ),
        (
            "{assign: requester, asign: x}",
            "approve",
            "5:31 tasks.review.asign: unknown key 'asign'. Did you mean 'assign'?",
        ),
        (
            "{assign: requester, form: {fields: {amuont: read}}}",
            "approve",
            "5:47 tasks.review.form.fields.amuont: "
            "the data has no field 'amuont'. Did you mean 'amount'?",
        ),
        (
            "{assign: requester, form: {fields: {amount: write}}}",
            "approve",
            "5:55 tasks.review.form.fields.amount: 'write' is no right to a field.",
        ),
        (
            "{assign: requester, form: {}}",
            "approve",
            "5:31 tasks.review.form: a form needs `fields`",
        ),
        (
            "{assign: requester, seats: {order: parallel}}",
            "approve",
            "5:31 tasks.review.seats: seats need a `rule`",
        ),
        (
            "{assign: requester, seats: {rule: {aprove: all}}}",
            "approve",
            "5:46 tasks.review.seats.rule.aprove: "
            "the task has no outcome 'aprove'. Did you mean 'approve'?",
        ),
        (
            "{assign: requester, seats: {rule: {approve: 101%}}}",
            "approve",
            "5:55 tasks.review.seats.rule.approve: "
            "must be all, any, a number of votes or a percentage",
        ),
        (
            "{assign: requester, seats: {rule: {approve: 0}}}",
            "approve",
            "5:55 tasks.review.seats.rule.approve: must be at least 1, not 0",
        ),
        (
            "{assign: requester, seats: {order: random, rule: {approve: 1}}}",
            "approve",
            "5:46 tasks.review.seats.order: 'random' is no order of seats.",
        ),
        ("{kind: service}", "done", "5:3 tasks.review: a service task needs `handler` or `topic`"),
        (
            "{kind: service, handler: a.b, topic: c}",
            "done",
            "5:3 tasks.review: a service task has either `handler` or `topic`, not both",
        ),
        (
            "{kind: service, handler: a b}",
            "done",
            "5:36 tasks.review.handler: 'a b' is not the dotted name of a handler",
        ),
        (
            "{kind: service, topic: a, timeout: 30}",
            "done",
            "5:46 tasks.review.timeout: needs a unit: write `30 s`",
        ),
        ("{kind: service, topic: a, retry: {}}", "done", "5:37 tasks.review.retry: is empty"),
        (
            "{kind: service, topic: a, retry: {factor: 0.5}}",
            "done",
            "5:53 tasks.review.retry.factor: must be at least 1, not 0.5",
        ),
        (
            "{kind: service, topic: a, retry: {factor: 11}}",
            "done",
            "5:53 tasks.review.retry.factor: must be at most 10, not 11",
        ),
        (
            "{kind: service, topic: a, retry: {times: 101}}",
            "done",
            "5:52 tasks.review.retry.times: must be at most 100, not 101",
        ),
        (
            "{kind: service, topic: a, retry: {first: 31 days}}",
            "done",
            "5:52 tasks.review.retry.first: must be at most 30 days, not 31 days",
        ),
        (
            "{kind: service, topic: a, retry: {limit: soon}}",
            "done",
            "5:52 tasks.review.retry.limit: 'soon' is no length of time: A duration is",
        ),
        (
            "{kind: service, topic: a, timeout: 2 working days}",
            "done",
            "5:46 tasks.review.timeout: is counted by the clock",
        ),
        (
            "{kind: service, topic: a, timeout: 0 s}",
            "done",
            "5:46 tasks.review.timeout: must be at least 1 s, not 0 s",
        ),
        (
            "{kind: service, topic: a, timeout: 3 days}",
            "done",
            "5:46 tasks.review.timeout: must be at most 2 days, not 3 days",
        ),
        (
            "{kind: service, topic: a, queue: pay me}",
            "done",
            "5:44 tasks.review.queue: 'pay me' cannot be the name of a queue",
        ),
        (
            "{kind: service, topic: a/b}",
            "done",
            "5:34 tasks.review.topic: 'a/b' cannot be the name of a topic",
        ),
        (
            "{kind: service, topic: a, inputs: amount}",
            "done",
            "5:45 tasks.review.inputs: must be a mapping from the input to an expression",
        ),
        (
            "{kind: service, topic: a, inputs: {a-b: amount}}",
            "done",
            "5:46 tasks.review.inputs.a-b: 'a-b' cannot be a key",
        ),
        (
            "{kind: service, topic: a, inputs: {a: {b.c: amount}}}",
            "done",
            "5:50 tasks.review.inputs.a.b.c: 'b.c' cannot be a name here",
        ),
        (
            "{kind: service, topic: a, inputs: {a: [amount]}}",
            "done",
            "5:49 tasks.review.inputs.a: must be text, not a list",
        ),
        (
            "{kind: service, topic: a, inputs: {a: {b: {c: {d: {e: {f: 1}}}}}}}",
            "done",
            "5:62 tasks.review.inputs.a.b.c.d.e: is nested too deeply: 5 levels are the most",
        ),
        (
            "{kind: service, topic: a, outputs: {amuont: total}}",
            "done",
            "5:47 tasks.review.outputs.amuont: "
            "the data has no field 'amuont'. Did you mean 'amount'?",
        ),
        (
            "{kind: service, topic: a, outputs: {amount: a.b}}",
            "done",
            "5:55 tasks.review.outputs.amount: 'a.b' cannot be a key",
        ),
        (
            "{kind: service, topic: a, assign: requester}",
            "done",
            "5:37 tasks.review.assign: 'assign' is a key of human tasks; this is a service task",
        ),
        (
            "{kind: service, topic: a}",
            "approve",
            "8:27 transitions.approve.outcome: "
            "a service task ends with done or failed, not with 'approve'",
        ),
        (
            "{kind: service, topic: a}",
            "failed",
            "5:3 tasks.review: no transition is the outcome 'done' of the service task 'review'",
        ),
        ("{kind: timer}", "due", "5:3 tasks.review: a timer needs `after` or `at`"),
        (
            "{kind: timer, after: 1 day}",
            "done",
            "8:27 transitions.approve.outcome: a timer task ends with due, not with 'done'",
        ),
        ("{kind: message, name: paid}", "received", "5:3 tasks.review: a message task needs `key`"),
        (
            "{kind: message, key: business_key}",
            "received",
            "5:3 tasks.review: a message task needs `name`",
        ),
        ("{kind: subflow}", "completed", "5:3 tasks.review: a subflow task needs `flow`"),
        (
            "{kind: subflow, flow: A}",
            "completed",
            "5:33 tasks.review.flow: 'A' cannot be the key of a flow",
        ),
    ],
)
def test_a_mistake_in_a_task_is_told(task, outcome, problem):
    (only,) = told(with_task(task, outcome))

    assert only.startswith(problem)


def test_a_task_without_outcome_is_told():
    (only,) = told(SOUND.replace("task: review, outcome: approve, ", ""))

    assert only.startswith("5:3 tasks.review: no transition is an outcome of the task 'review'")
