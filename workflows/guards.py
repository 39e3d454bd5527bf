"""Triggers by which the database itself keeps three promises, whoever writes to it.

1. The net of a version that is no draft does not change: its places, tasks, transitions and arcs,
and what the version says of itself. 2. History is append-only: an event is neither changed nor,
while its case exists, removed, unless the archive has it. 3. The candidates of a work item tell
whether it is offered, and when it is due, as the item does.

Django's own cascades on MariaDB and SQLite run as plain DELETE statements, so the triggers see them
too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

DEFINITION_TABLES = ("place", "task", "transition", "arc")
FROZEN = "goflow: a published version never changes"
APPEND_ONLY = "goflow: history is append-only"
ARCHIVE = "workflows_archivedevent"
OFFERS = ("workflows_workitem", "goflow_workitem_offers")
FUNCTIONS = (
    "goflow_frozen",
    "goflow_version_frozen",
    "goflow_append_only",
    "goflow_archive_append_only",
    "goflow_workitem_offers",
)
VERSION_COLUMNS = ("flow_id", "number", "title", "description", "data_schema", "scenarios")


def install(connection: Any) -> None:
    """Create the triggers in the database behind `connection`."""
    with connection.cursor() as cursor:
        columns = _version_columns(connection, cursor)
        has_archive = ARCHIVE in connection.introspection.table_names(cursor)
        for statement in _STATEMENTS[connection.vendor](columns, has_archive):
            cursor.execute(statement)
        if "is_offered" in _columns(connection, cursor, "workflows_candidate"):
            for statement in _OFFERS[connection.vendor]:
                cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drop them again; for going back a migration, and for tests that empty the tables."""
    with connection.cursor() as cursor:
        for table, name in (*_names(has_archive=True), OFFERS):
            suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")
        if connection.vendor == "postgresql":
            for function in FUNCTIONS:
                cursor.execute(f"DROP FUNCTION IF EXISTS {function}()")


def _version_columns(connection: Any, cursor: Any) -> list[str]:
    """Return what may not change and is there already: a migration may stand before a column."""
    present = _columns(connection, cursor, "workflows_flowversion")
    return [column for column in VERSION_COLUMNS if column in present]


def _columns(connection: Any, cursor: Any, table: str) -> set[str]:
    found = connection.introspection.get_table_description(cursor, table)
    return {column.name for column in found}


def _names(has_archive: bool) -> Iterator[tuple[str, str]]:
    for short in DEFINITION_TABLES:
        for verb in ("insert", "update", "delete"):
            yield f"workflows_{short}", f"goflow_{short}_{verb}"
    yield "workflows_flowversion", "goflow_version_update"
    yield "workflows_event", "goflow_event_update"
    yield "workflows_event", "goflow_event_delete"
    if has_archive:
        yield ARCHIVE, "goflow_archivedevent_update"
        yield ARCHIVE, "goflow_archivedevent_delete"


def _is_frozen(row: str) -> str:
    return (
        "(SELECT state FROM workflows_flowversion "  # noqa: S608  `row` is NEW or OLD
        f"WHERE id = {row}.version_id) IN ('published', 'retired')"
    )


def _version_changes(differs: str, columns: Sequence[str]) -> str:
    """`differs` is the vendor's null-safe comparison, with {} for the column."""
    changed = " OR ".join(differs.format(column) for column in columns)
    going_back = "NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired')"
    return f"OLD.state <> 'draft' AND ({changed} OR {going_back})"


_HAS_CASE = "EXISTS (SELECT 1 FROM workflows_case WHERE id = OLD.case_id)"
_HAS_COPY = (
    "EXISTS (SELECT 1 FROM workflows_archivedevent AS a WHERE a.id = OLD.id AND a.hash = OLD.hash)"
)


def _is_kept(has_archive: bool) -> str:
    """Return when an event must stay: its case is there, and the archive has no copy of it."""
    return f"{_HAS_CASE} AND NOT {_HAS_COPY}" if has_archive else _HAS_CASE


def _rows(verb: str) -> tuple[str, ...]:
    """Both rows matter in an update: moving a row out of a published version changes it too."""
    return {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}[verb]


def _sqlite(columns: Sequence[str], has_archive: bool) -> Iterator[str]:
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
    changes = _version_changes("OLD.{0} IS NOT NEW.{0}", columns)
    yield trigger("goflow_version_update", "update", "workflows_flowversion", changes, FROZEN)
    yield trigger("goflow_event_update", "update", "workflows_event", "", APPEND_ONLY)
    yield trigger(
        "goflow_event_delete", "delete", "workflows_event", _is_kept(has_archive), APPEND_ONLY
    )
    if has_archive:
        yield trigger("goflow_archivedevent_update", "update", ARCHIVE, "", APPEND_ONLY)
        yield trigger("goflow_archivedevent_delete", "delete", ARCHIVE, _HAS_CASE, APPEND_ONLY)


def _postgresql(columns: Sequence[str], has_archive: bool) -> Iterator[str]:
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
    changes = _version_changes("OLD.{0} IS DISTINCT FROM NEW.{0}", columns)
    yield function("goflow_version_frozen", refuse(changes, FROZEN) + " RETURN NEW;")
    for name, condition in (
        ("goflow_append_only", _is_kept(has_archive)),
        ("goflow_archive_append_only", _HAS_CASE),
    ):
        refused = refuse(f"TG_OP = 'UPDATE' OR ({condition})", APPEND_ONLY)
        yield function(name, f"{refused} RETURN OLD;")
    for table, name in _names(has_archive):
        verb = name.rsplit("_", 1)[1].upper()
        called = {
            "workflows_event": "goflow_append_only",
            ARCHIVE: "goflow_archive_append_only",
            "workflows_flowversion": "goflow_version_frozen",
        }
        yield (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION {called.get(table, 'goflow_frozen')}()"
        )


def _mysql(columns: Sequence[str], has_archive: bool) -> Iterator[str]:
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
    changes = _version_changes("NOT (OLD.{0} <=> NEW.{0})", columns)
    yield trigger("goflow_version_update", "update", "workflows_flowversion", changes, FROZEN)
    yield trigger("goflow_event_update", "update", "workflows_event", "TRUE", APPEND_ONLY)
    yield trigger(
        "goflow_event_delete", "delete", "workflows_event", _is_kept(has_archive), APPEND_ONLY
    )
    if has_archive:
        yield trigger("goflow_archivedevent_update", "update", ARCHIVE, "TRUE", APPEND_ONLY)
        yield trigger("goflow_archivedevent_delete", "delete", ARCHIVE, _HAS_CASE, APPEND_ONLY)


_STATEMENTS = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}

_IS_OFFERED = "NEW.state = 'offered' AND NOT is_excluded"
_DUE_AT = "COALESCE(NEW.due_at, '9999-01-01 00:00:00{zone}')"
_TELL_CANDIDATES = (
    f"UPDATE workflows_candidate SET is_offered = ({_IS_OFFERED}), due_at = {_DUE_AT} "  # noqa: S608
    f"WHERE work_item_id = NEW.id AND (is_offered <> ({_IS_OFFERED}) OR due_at <> {_DUE_AT});"
)
_IS_TOLD = "OLD.state = NEW.state AND OLD.due_at {same} NEW.due_at"
_AFTER = "CREATE TRIGGER goflow_workitem_offers AFTER UPDATE ON workflows_workitem FOR EACH ROW"
_OFFERS = {
    "sqlite": [
        f"{_AFTER} WHEN NOT ({_IS_TOLD.format(same='IS')}) "
        f"BEGIN {_TELL_CANDIDATES.format(zone='')} END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION goflow_workitem_offers() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_TELL_CANDIDATES.format(zone='+00')} RETURN NULL; END $$",
        f"{_AFTER} WHEN (NOT ({_IS_TOLD.format(same='IS NOT DISTINCT FROM')})) "
        "EXECUTE FUNCTION goflow_workitem_offers()",
    ],
    "mysql": [
        f"{_AFTER} BEGIN IF NOT ({_IS_TOLD.format(same='<=>')}) "
        f"THEN {_TELL_CANDIDATES.format(zone='')} END IF; END"
    ],
}
