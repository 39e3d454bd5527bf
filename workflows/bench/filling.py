"""Very many work items at once, made by the database itself.

Nothing listens and no trigger runs: the rows are as the engine would have left them. One in a
hundred is open. A case has four items; half of the items are offered to one person, the others to a
group of twenty, of 250, or to the one desk that gets a tenth of all.
"""

# ruff: noqa: S608  the texts are made of what is told here

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group, User
from django.db import connection

from workflows import flowfile, publishing, store
from workflows.models import Candidate, Case, Task, WorkItem

FLOW = """
flow: bench_inbox{number}
title: Bench
data: {{type: object, properties: {{}}}}
places: [start, waiting, end]
tasks:
  review: {{kind: human, title: Review, assign: group("desk"), due: 2 days}}
transitions:
  submit: {{from: start, to: waiting}}
  stop: {{task: review, outcome: stop, from: waiting, to: end}}
"""
PEOPLE = 5_000
UNITS = 250
DIVISIONS = 20
DESK_EVERY = 50
TABLES = tuple(model._meta.db_table for model in (Case, WorkItem, Candidate))
ROWS_AT_ONCE = 500_000


def make_company() -> None:
    """Make people, groups and two flows: every tenth case is of the second, rarer one."""
    for number in (1, 2):
        definition = flowfile.read(FLOW.format(number=number))
        publishing.publish(store.save_draft(definition, by=None), by=None)
    users = User.objects.bulk_create(User(username=f"p{n:04}") for n in range(PEOPLE))
    names = [f"unit{n}" for n in range(UNITS)] + [f"division{n}" for n in range(DIVISIONS)]
    groups = {g.name: g for g in Group.objects.bulk_create(Group(name=n) for n in [*names, "desk"])}
    members = User.groups.through
    rows = []
    for n, user in enumerate(users):
        own = [f"unit{n % UNITS}", f"division{n % DIVISIONS}"]
        own += ["desk"] if n % DESK_EVERY == 0 else []
        rows += [members(user_id=user.pk, group_id=groups[name].pk) for name in own]
    members.objects.bulk_create(rows, batch_size=1_000)


@contextmanager
def shelf(size: int) -> Iterator[None]:
    """Let the statements within go to tables of their own, where the database has schemas."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO inbox_{size:d}, public")
        try:
            yield
        finally:
            cursor.execute("SET search_path TO public")


def fill(size: int, *, already: int = 0) -> None:
    """Make so many work items, or what is missing of them. PostgreSQL gets tables of their own."""
    if connection.vendor == "postgresql":
        _make_shelf(size)
        already = 0
    with shelf(size), connection.cursor() as cursor:
        # An index of 10,000,000 rows takes longer than any page may.
        for statement in _PATIENCE.get(connection.vendor, ()):
            cursor.execute(statement)
        for begin in range(already, size, ROWS_AT_ONCE):
            last = min(begin + ROWS_AT_ONCE, size)
            for statement in _inserts(begin + 1, last):
                cursor.execute(statement)
        if connection.vendor == "postgresql":
            for statement in _indexes(size):
                cursor.execute(statement)
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE {table}")
        elif connection.vendor == "mysql":
            cursor.execute(f"ANALYZE TABLE {', '.join(TABLES)}")
        else:
            cursor.execute("ANALYZE")


_PATIENCE = {
    "postgresql": ("SET statement_timeout = 0",),
    "mysql": ("SET SESSION max_statement_time = 0",),
}


def _make_shelf(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA inbox_{size:d}")
        for table in TABLES:
            cursor.execute(
                f"CREATE UNLOGGED TABLE inbox_{size:d}.{table} (LIKE public.{table} "
                "INCLUDING DEFAULTS INCLUDING IDENTITY)"
            )


def _indexes(size: int) -> list[str]:
    """Return what makes the indexes that the migrations have made, after the rows: much faster."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)",
            [list(TABLES)],
        )
        return [
            definition.replace(" ON public.", f" ON inbox_{size:d}.")
            for (definition,) in cursor.fetchall()
        ]


def _inserts(first: int, last: int) -> Iterator[str]:
    """Return the statements that make the items of these numbers, with all that belongs to them."""
    tasks = list(Task.objects.order_by("pk").values_list("pk", "version_id"))
    rare = f"{_div('n + 3', 4)} % 10 = 0"
    task, version = (
        f"CASE WHEN {rare} THEN {other} ELSE {usual} END"
        for usual, other in zip(*tasks, strict=True)
    )
    person = f"{User.objects.order_by('pk').values_list('pk', flat=True)[0]} + {_spread(PEOPLE)}"
    kind = _spread(20, 11)
    group = (
        f"CASE WHEN {kind} < 4 THEN 'desk' "
        f"WHEN {kind} < 6 THEN {_joined('division', _spread(DIVISIONS, 3))} "
        f"ELSE {_joined('unit', _spread(UNITS, 3))} END"
    )
    at, due = _moment("-1 - n % 90"), _moment(f"{_spread(60, 5)} - 20")
    never = "'9999-01-01 00:00:00'"
    if connection.vendor == "postgresql":
        never += "::timestamptz"

    def if_open(yes: str, no: str) -> str:
        return f"CASE WHEN n % 100 = 0 THEN {yes} ELSE {no} END"

    def if_without_date(yes: str, no: str) -> str:
        return f"CASE WHEN {_spread(3, 9)} = 0 THEN {yes} ELSE {no} END"

    numbers = _numbers(first, last)
    # Every fourth number is the last item of its case; those that are open are among them.
    yield (
        "INSERT INTO workflows_case (id, version_id, business_key, requester_id, state, marking, "
        "data, failure, step_count, history_length, history_hash, started_at, changed_at) "
        f"SELECT {_div('n', 4)}, {version}, '', {person}, {if_open(_RUNNING, _COMPLETED)}, "
        f"'{{}}', '{{}}', '', 4, 6, '', {at}, {at} FROM {numbers} WHERE n % 4 = 0"
    )
    yield (
        "INSERT INTO workflows_workitem (id, case_id, task_id, state, completed_by_id, outcome, "
        f"opened_at, due_at, closed_at) SELECT n, {_div('n + 3', 4)}, {task}, "
        f"{if_open(_OFFERED, _COMPLETED)}, {if_open('NULL', person)}, "
        f"{if_open(_EMPTY, _STOP)}, {at}, {if_without_date('NULL', due)}, {if_open('NULL', at)} "
        f"FROM {numbers}"
    )
    quoted = connection.ops.quote_name("group")
    yes, no = ("TRUE", "FALSE") if connection.vendor == "postgresql" else ("1", "0")
    half = f"CASE WHEN {_spread(2, 1)} = 0 THEN"
    yield (
        f"INSERT INTO workflows_candidate (id, work_item_id, user_id, {quoted}, is_excluded, "
        f"is_offered, due_at) SELECT n, n, {half} {person} END, {half} NULL ELSE {group} END, "
        f"{no}, {if_open(yes, no)}, {if_without_date(never, due)} FROM {numbers}"
    )


_RUNNING, _COMPLETED, _OFFERED, _STOP, _EMPTY = (
    "'running'",
    "'completed'",
    "'offered'",
    "'stop'",
    "''",
)


def _numbers(first: int, last: int) -> str:
    """Return a table of numbers n."""
    return {
        "postgresql": f"generate_series({first}::bigint, {last}::bigint) AS t(n)",
        "mysql": f"(SELECT CAST(seq AS SIGNED) AS n FROM seq_{first}_to_{last}) AS t",
        "sqlite": f"(WITH RECURSIVE t(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM t "  # noqa: S608
        f"WHERE n < {last}) SELECT n FROM t) AS t",
    }[connection.vendor]


def _div(number: str, by: int) -> str:
    return f"(({number}) {'DIV' if connection.vendor == 'mysql' else '/'} {by})"


def _spread(many: int, salt: int = 0) -> str:
    """Return a number below `many` that looks random, the same for the same n (Knuth's hash)."""
    return f"({_div(f'(n + {salt * 7919}) * 2654435761 % 4294967296', 4096)} % {many})"


def _joined(text: str, number: str) -> str:
    return (
        f"CONCAT('{text}', {number})" if connection.vendor == "mysql" else f"('{text}' || {number})"
    )


def _moment(days: str) -> str:
    return {
        "postgresql": f"(now() + ({days}) * interval '1 day')",
        "mysql": f"(UTC_TIMESTAMP(6) + INTERVAL ({days}) DAY)",
        "sqlite": f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({days}) || ' days')",
    }[connection.vendor]
