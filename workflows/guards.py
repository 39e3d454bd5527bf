"""Triggers by which the database itself keeps two promises, whoever writes to it.

1. The net of a version that is no draft does not change: its places, tasks, transitions and arcs,
and what the version says of itself. 2. History is append-only: an event is neither changed nor,
while its case exists, removed.

Django's own cascades on MariaDB and SQLite run as plain DELETE statements, so the triggers see them
too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

DEFINITION_TABLES = ("place", "task", "transition", "arc")
FROZEN = "goflow: a published version never changes"
APPEND_ONLY = "goflow: history is append-only"
VERSION_COLUMNS = ("flow_id", "number", "title", "description", "data_schema")


def install(connection: Any) -> None:
    """Create the triggers in the database behind `connection`."""
    with connection.cursor() as cursor:
        for statement in _STATEMENTS[connection.vendor]():
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drop them again; for going back a migration, and for tests that empty the tables."""
    with connection.cursor() as cursor:
        for table, name in _names():
            suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")
        if connection.vendor == "postgresql":
            for function in ("goflow_frozen", "goflow_version_frozen", "goflow_append_only"):
                cursor.execute(f"DROP FUNCTION IF EXISTS {function}()")


def _names() -> Iterator[tuple[str, str]]:
    for short in DEFINITION_TABLES:
        for verb in ("insert", "update", "delete"):
            yield f"workflows_{short}", f"goflow_{short}_{verb}"
    yield "workflows_flowversion", "goflow_version_update"
    yield "workflows_event", "goflow_event_update"
    yield "workflows_event", "goflow_event_delete"


def _is_frozen(row: str) -> str:
    return (
        "(SELECT state FROM workflows_flowversion "  # noqa: S608  `row` is NEW or OLD
        f"WHERE id = {row}.version_id) IN ('published', 'retired')"
    )


def _version_changes(differs: str) -> str:
    """`differs` is the vendor's null-safe comparison, with {} for the column."""
    changed = " OR ".join(differs.format(column) for column in VERSION_COLUMNS)
    going_back = "NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired')"
    return f"OLD.state <> 'draft' AND ({changed} OR {going_back})"


def _rows(verb: str) -> tuple[str, ...]:
    """Both rows matter in an update: moving a row out of a published version changes it too."""
    return {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}[verb]


def _sqlite() -> Iterator[str]:
    def trigger(name: str, verb: str, table: str, condition: str, message: str) -> str:
        when = f"WHEN {condition} " if condition else ""
        return (
            f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} FOR EACH ROW {when}"
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    for short in DEFINITION_TABLES:
        for verb in ("insert", "update", "delete"):
            condition = " OR ".join(_is_frozen(row) for row in _rows(verb))
            yield trigger(f"goflow_{short}_{verb}", verb, f"workflows_{short}", condition, FROZEN)
    changes = _version_changes("OLD.{0} IS NOT NEW.{0}")
    yield trigger("goflow_version_update", "update", "workflows_flowversion", changes, FROZEN)
    yield trigger("goflow_event_update", "update", "workflows_event", "", APPEND_ONLY)
    alive = "EXISTS (SELECT 1 FROM workflows_case WHERE id = OLD.case_id)"
    yield trigger("goflow_event_delete", "delete", "workflows_event", alive, APPEND_ONLY)


def _postgresql() -> Iterator[str]:
    def function(name: str, body: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body} END $$"
        )

    def refuse(condition: str, message: str) -> str:
        return f"IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = '23514'; END IF;"

    old, new = refuse(_is_frozen("OLD"), FROZEN), refuse(_is_frozen("NEW"), FROZEN)
    yield function(
        "goflow_frozen",
        f"IF TG_OP <> 'INSERT' THEN {old} END IF; IF TG_OP <> 'DELETE' THEN {new} RETURN NEW; "
        "END IF; RETURN OLD;",
    )
    changes = _version_changes("OLD.{0} IS DISTINCT FROM NEW.{0}")
    yield function("goflow_version_frozen", refuse(changes, FROZEN) + " RETURN NEW;")
    alive = "TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM workflows_case WHERE id = OLD.case_id)"
    yield function("goflow_append_only", refuse(alive, APPEND_ONLY) + " RETURN OLD;")
    for table, name in _names():
        verb = name.rsplit("_", 1)[1].upper()
        called = {
            "workflows_event": "goflow_append_only",
            "workflows_flowversion": "goflow_version_frozen",
        }
        yield (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION {called.get(table, 'goflow_frozen')}()"
        )


def _mysql() -> Iterator[str]:
    # 4025 is MariaDB's number for a failed constraint: the drivers report it as an integrity error.
    def trigger(name: str, verb: str, table: str, condition: str, message: str) -> str:
        return (
            f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} FOR EACH ROW "
            f"BEGIN IF {condition} THEN SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 4025, "
            f"MESSAGE_TEXT = '{message}'; END IF; END"
        )

    for short in DEFINITION_TABLES:
        for verb in ("insert", "update", "delete"):
            condition = " OR ".join(_is_frozen(row) for row in _rows(verb))
            yield trigger(f"goflow_{short}_{verb}", verb, f"workflows_{short}", condition, FROZEN)
    changes = _version_changes("NOT (OLD.{0} <=> NEW.{0})")
    yield trigger("goflow_version_update", "update", "workflows_flowversion", changes, FROZEN)
    yield trigger("goflow_event_update", "update", "workflows_event", "TRUE", APPEND_ONLY)
    alive = "EXISTS (SELECT 1 FROM workflows_case WHERE id = OLD.case_id)"
    yield trigger("goflow_event_delete", "delete", "workflows_event", alive, APPEND_ONLY)


_STATEMENTS = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}
