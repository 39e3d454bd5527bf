"""Interventions: what an operator asks for, and what would come of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from workflows.api.fields import (
    FlagField,
    JSONObjectField,
    Strict,
    TextField,
    WholeNumberField,
)
from workflows.api.serializers.cases import MARKING, CaseSerializer
from workflows.api.serializers.work_items import LARGEST_STEP
from workflows.engine import CancelBranch, Foresight, Intervention, Move, Repeat, SetData, Skip


@extend_schema_field(MARKING)
class TokensField(JSONObjectField):
    """Place -> tokens; the engine says which places and numbers there can be."""


class Operation(Strict):
    """What every intervention takes. `wanted` makes of the checked body what the engine does."""

    reason = TextField(
        default="",
        allow_blank=True,
        max_length=2000,
        help_text="Why; it goes into the case's history. Not needed for a `dry_run`.",
    )
    dry_run = FlagField(default=False, help_text="Only tell what would come of it.")
    force = FlagField(
        default=False,
        help_text="Although the case could then not end properly; needs a right of its own.",
    )
    step = WholeNumberField(
        required=False,
        min_value=0,
        max_value=LARGEST_STEP,
        help_text="The case's `step` that was looked at; 409 if it has moved on.",
    )

    @staticmethod
    def wanted(body: dict[str, Any], pk: int) -> Intervention:
        """Return the intervention in the case, or the work item, with the key `pk`."""
        raise NotImplementedError


class MoveOperation(Operation):
    take = TokensField(default=dict, help_text="Tokens to take away.")
    put = TokensField(default=dict, help_text="Tokens to put.")

    @staticmethod
    def wanted(body: dict[str, Any], pk: int) -> Intervention:
        return Move(body["take"], body["put"])


class SetDataOperation(Operation):
    data = JSONObjectField(help_text="Fields of the case's data, and what they shall hold.")  # type: ignore[assignment]  # a field, not `.data`

    @staticmethod
    def wanted(body: dict[str, Any], pk: int) -> Intervention:
        return SetData(body["data"])


class CancelBranchOperation(Operation):
    places = serializers.ListField(
        child=TextField(max_length=80),
        min_length=1,
        max_length=500,
        help_text="The places whose tokens are taken away.",
    )

    @staticmethod
    def wanted(body: dict[str, Any], pk: int) -> Intervention:
        return CancelBranch(tuple(dict.fromkeys(body["places"])))


class SkipOperation(Operation):
    outcome = TextField(
        default="",
        allow_blank=True,
        max_length=80,
        help_text="With which it ends, whatever its guard says; empty: the only possible one.",
    )

    @staticmethod
    def wanted(body: dict[str, Any], pk: int) -> Intervention:
        return Skip(pk, body["outcome"])


class RepeatOperation(Operation):
    @staticmethod
    def wanted(body: dict[str, Any], pk: int) -> Intervention:
        return Repeat(pk)


class ForeseenItemSerializer(serializers.Serializer[Any]):
    work_item = serializers.IntegerField(allow_null=True, help_text="Null for one that opens.")
    task = serializers.CharField()
    title = serializers.CharField()
    candidates = serializers.ListField(child=serializers.CharField(), help_text="User names.")
    groups = serializers.ListField(child=serializers.CharField())


class ForesightSerializer(serializers.Serializer[Foresight]):
    """What an intervention would do; the answer to `dry_run`."""

    answer = serializers.ChoiceField(
        choices=["yes", "no", "undecided"],
        help_text="Whether the case can still end properly from there, whatever happens.",
    )
    message = serializers.CharField(help_text="The answer in words.")
    can_end = serializers.BooleanField(
        allow_null=True, help_text="Whether some run still ends properly; null: not known."
    )
    run = serializers.ListField(
        child=serializers.CharField(),
        help_text="Transitions that can fire from `marking`: to the end, or to what goes wrong.",
    )
    marking = serializers.DictField(
        child=serializers.IntegerField(), help_text="The case's, once it has come to rest."
    )
    marking_then = serializers.DictField(
        child=serializers.IntegerField(), help_text="After `run`: what is left over shows here."
    )
    fires = serializers.ListField(
        child=serializers.CharField(), help_text="The automatic transitions that follow at once."
    )
    closes = ForeseenItemSerializer(many=True)
    opens = ForeseenItemSerializer(many=True)
    ends = serializers.BooleanField(help_text="Whether the case would be completed by this.")
    fails = serializers.BooleanField(help_text="Whether it would fail: no right is enough then.")
    step = serializers.IntegerField(help_text="The case's `step` that this rests on.")
    states = serializers.IntegerField(help_text="How many markings were looked at.")


CASE_OR_FORESIGHT = PolymorphicProxySerializer(
    component_name="CaseOrForesight",
    serializers=[CaseSerializer, ForesightSerializer],
    resource_type_field_name=None,
)
