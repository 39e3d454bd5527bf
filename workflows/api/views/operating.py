"""Interventions of an operator in a case's tokens, work and data; each can be tried dry first."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workflows import engine
from workflows.api.base import APIView, one
from workflows.api.idempotency import idempotent
from workflows.api.schema import answers
from workflows.api.serializers.cases import show_case
from workflows.api.serializers.operating import (
    CASE_OR_FORESIGHT,
    CancelBranchOperation,
    MoveOperation,
    Operation,
    RepeatOperation,
    SetDataOperation,
    SkipOperation,
)
from workflows.models import Case, WorkItem


class Operate(APIView):
    """`operation` is what the call takes."""

    operation: type[Operation]

    def operate(self, case_id: int, pk: int) -> Response:
        """Do, or only foresee, the intervention in the case or work item with the key `pk`."""
        body = self.body(self.operation)
        wanted = self.operation.wanted(body, pk)
        if body["dry_run"]:
            return Response(engine.foresee(case_id, wanted, by=self.caller).as_dict())
        case = engine.intervene(
            case_id,
            wanted,
            by=self.caller,
            reason=body["reason"],
            force=body["force"],
            expected_version=body.get("step"),
        )
        return Response(show_case(case.pk, self.caller))

    def in_case(self, pk: int) -> Response:
        return self.operate(one(Case.objects.visible_to(self.caller), pk=pk).pk, pk)

    def in_work_item(self, pk: int) -> Response:
        return self.operate(one(WorkItem.objects.visible_to(self.caller), pk=pk).case_id, pk)


class CaseMove(Operate):
    operation = MoveOperation

    @extend_schema(
        operation_id="cases_move",
        summary="Take tokens from places and put tokens into places",
        request=MoveOperation,
        responses=answers(200, CASE_OR_FORESIGHT, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.in_case(pk)


class CaseSetData(Operate):
    operation = SetDataOperation

    @extend_schema(
        operation_id="cases_set_data",
        summary="Set fields of a case's data",
        request=SetDataOperation,
        responses=answers(200, CASE_OR_FORESIGHT, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.in_case(pk)


class CaseCancelBranch(Operate):
    operation = CancelBranchOperation

    @extend_schema(
        operation_id="cases_cancel_branch",
        summary="Take all tokens of some places away",
        request=CancelBranchOperation,
        responses=answers(200, CASE_OR_FORESIGHT, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.in_case(pk)


class WorkItemSkip(Operate):
    operation = SkipOperation

    @extend_schema(
        operation_id="work_items_skip",
        summary="End an open item with an outcome that nobody has chosen",
        request=SkipOperation,
        responses=answers(200, CASE_OR_FORESIGHT, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.in_work_item(pk)


class WorkItemRepeat(Operate):
    operation = RepeatOperation

    @extend_schema(
        operation_id="work_items_repeat",
        summary="Have a completed item done again",
        request=RepeatOperation,
        responses=answers(200, CASE_OR_FORESIGHT, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.in_work_item(pk)
