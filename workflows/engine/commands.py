"""A command: one call by one person, applied at most once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from workflows import logcontext, store
from workflows.data import canonical
from workflows.errors import GoflowError, IdempotencyKeyReused
from workflows.history import NewEvent
from workflows.models import Case, Event, EventKind
from workflows.telemetry import observe_step


@dataclass(frozen=True, slots=True)
class Command:
    """`facts` is all that the caller asked for: what a repetition must ask for as well."""

    name: str
    by: User
    key: str
    facts: Mapping[str, Any]

    def line(
        self,
        kind: EventKind,
        *,
        work_item_id: int | None = None,
        transition: str = "",
        **payload: Any,
    ) -> NewEvent:
        """Return the first line of this command's history: the one that carries its key."""
        told = {name: value for name, value in payload.items() if value not in ("", None, {})}
        if self.key:
            told["fingerprint"] = self.fingerprint
        return NewEvent(
            kind=kind,
            actor_id=self.by.pk,
            work_item_id=work_item_id,
            transition=transition,
            payload=told,
            idempotency_key=self.key or None,
        )

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(canonical({"command": self.name, **self.facts}).encode()).hexdigest()

    def earlier(self) -> Event | None:
        """Return the line that an earlier call with this key has written."""
        if not self.key:
            return None
        return Event.objects.filter(actor=self.by, idempotency_key=self.key).first()


def once(command: Command, run: Callable[[], Case]) -> Case:
    """Run a command in one transaction, or return the result of the call that it repeats.

    The key is looked for only where the command was refused: by the state that the first call left,
    or by the unique constraint on the key. So it costs an ordinary step no statement. `run` is run
    again where the database ended its transaction for another's sake.

    Raises:
        IdempotencyKeyReused: the key belongs to a call that asked for something else.
    """

    @store.again_after_conflict
    def in_one_transaction() -> Case:
        with observe_step(command.name), transaction.atomic():
            case = run()
            store.prove_claims()
            logcontext.note(case=case.pk)
            return case

    try:
        return store.with_kept_answers(in_one_transaction)
    except (IntegrityError, GoflowError):
        earlier = command.earlier()
        if earlier is None:
            raise
        if earlier.payload.get("fingerprint") != command.fingerprint:
            raise IdempotencyKeyReused(
                f"The idempotency key {command.key!r} was used for another call. Use a new one."
            ) from None
        return Case.objects.get(pk=earlier.case_id)
