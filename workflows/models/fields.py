"""Fields that keep what they are given: JSON with its order and exact numbers, and markings."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.net import Marking

if TYPE_CHECKING:
    # What is assigned and read is any JSON, not text; Django's fields are generic for the type
    # checker only.
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


def _encode_decimal(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be kept as JSON: {value!r}")


# Made once: `json.loads` and `json.dumps` make another for each text.
_DECODER = json.JSONDecoder(parse_float=Decimal)
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_encode_decimal)


class JSONText(str):
    """JSON that is text already, to be stored as it is."""

    __slots__ = ()


class OrderedJSONField(_TextField):
    """JSON as text: the order of keys survives, and a number with a fraction is read as a Decimal.

    PostgreSQL's jsonb sorts keys, which would shuffle the fields of a form, and re-spells numbers,
    which would break the hash of a history line.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else _DECODER.decode(value)

    def to_python(self, value: Any) -> Any:
        if value is None or not isinstance(value, str):
            return value
        try:
            return _DECODER.decode(value)
        except json.JSONDecodeError as error:
            raise ValidationError(
                _("This is not JSON: line %(line)s, column %(column)s: %(message)s."),
                params={"line": error.lineno, "column": error.colno, "message": error.msg},
            ) from error

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, JSONText):
            return str(value)
        return _ENCODER.encode(value)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def formfield(self, **kwargs: Any) -> Any:
        from workflows.admin.forms import OrderedJSONFormField

        return models.Field.formfield(self, **{"form_class": OrderedJSONFormField, **kwargs})


class MarkingField(models.JSONField):
    """A marking, kept as `{"place": tokens}`; the attribute is always a `workflows.net.Marking`."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        # Not by the library's way, which decides about keys of JSON that are never asked for here.
        return None if value is None else Marking(_DECODER.decode(value))

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Marking):
            return value
        return Marking(super().to_python(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = value.as_dict() if isinstance(value, Marking) else value
        return super().get_db_prep_value(plain, connection, prepared)

    def as_text(self, value: Marking) -> str:
        """Return the JSON of a marking."""
        return _ENCODER.encode(value.as_dict())

    def value_to_string(self, obj: models.Model) -> Any:
        marking = self.value_from_object(obj)
        return None if marking is None else marking.as_dict()
