"""Fields and bodies that take what they say and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

JSON_OBJECT = {"type": "object", "additionalProperties": True}


class TextField(serializers.CharField):
    """Text, given as text: `5` is not "5"."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """`true` or `false`; not "yes" and not 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeNumberField(serializers.IntegerField):
    """A whole number, given as one."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"oneOf": [{"type": "number"}, {"type": "string"}]})
class AmountField(serializers.DecimalField):
    """An exact decimal, given as a number or as text."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, (str, int, Decimal)) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(JSON_OBJECT)
class JSONObjectField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """A JSON object, kept as it was given: what it must hold is for the flow's schema to say."""

    default_error_messages = {"not_an_object": 'This must be an object: {{"field": value}}.'}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class Strict(serializers.Serializer[Any]):
    """What a caller sends. An undeclared member is refused, so that no typing error is lost."""

    default_error_messages = {
        "unknown": "There is no such field here. There are: {known}.",
        "unknown_of_none": "No field is taken here.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            self._refuse_unknown(data)
        return super().to_internal_value(data)

    def _refuse_unknown(self, data: dict[str, Any]) -> None:
        known = [name for name, field in self.fields.items() if not field.read_only]
        message = self.error_messages["unknown" if known else "unknown_of_none"]
        problems = {
            name: [message.format(known=", ".join(known))] for name in data if name not in known
        }
        if problems:
            raise serializers.ValidationError(problems)


class Nothing(Strict):
    """No members at all: the body or the query of a call that takes none."""
