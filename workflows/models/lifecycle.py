"""Life cycles by django-fsm, with the two holes of the library closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db import models
from django_fsm import FSMField


class LifecycleModel(models.Model):
    """A model whose state field is protected: it changes by its transitions only.

    django-fsm lets `refresh_from_db` reload a protected field by unprotecting it for the whole
    class, which leaks when the row is gone and races between threads. Popping the value from the
    instance first makes the reload an ordinary deferred load, for which the library's descriptor
    allows the write.
    """

    lifecycle_field: ClassVar[str] = "state"

    class Meta:
        abstract = True

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        if fields is None or self.lifecycle_field in fields:
            self.__dict__.pop(self.lifecycle_field, None)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)


def state_field(default: str, choices: Sequence[tuple[str, Any]]) -> Any:
    """Return a protected state field; `choices` come from a `TextChoices`."""
    return FSMField(default=default, choices=choices, protected=True, max_length=20)
