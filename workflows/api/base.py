"""What every view of the API has: strict parameters and bodies, 404 for what is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView as RestView

from workflows import faultpoints
from workflows.api.errors import BadRequest, UnknownParameter
from workflows.api.fields import Nothing, Strict
from workflows.errors import NotAllowed, NotFound

_Row = TypeVar("_Row", bound=Model)


class APIView(RestView):
    """A view of one address. `query_serializer` declares the parameters that its GET takes.

    `is_kept` lets a client keep an answer and ask whether it still holds, for what rarely changes.
    """

    query_serializer: type[Strict] = Nothing
    is_kept = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        faultpoints.reach("K1")
        self.parameters = self._read_parameters(request)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        # What one person may see stays in no cache on the way.
        is_kept = self.is_kept and request.method in ("GET", "HEAD") and answer.status_code == 200
        caching = "private, no-cache" if is_kept else "no-store"
        answer.headers.setdefault("Cache-Control", caching)
        return answer

    def _read_parameters(self, request: Request) -> dict[str, Any]:
        """Return the checked parameters of the address.

        Raises:
            UnknownParameter: one that this address does not take: a filter with a typing error in
            it would
                otherwise answer everything.
            BadRequest: one is given twice, or its value is wrong.
        """
        serializer = self.query_serializer if request.method in ("GET", "HEAD") else Nothing
        known = sorted(serializer().fields)
        for name, values in request.query_params.lists():
            if name not in known:
                told = f"There are: {', '.join(known)}." if known else "It takes none."
                raise UnknownParameter(f"There is no parameter {name!r} here. {told}", known=known)
            if len(values) > 1:
                raise BadRequest(f"The parameter {name!r} is given {len(values)} times.")
        checked = serializer(data=request.query_params.dict())
        if not checked.is_valid():
            raise _bad_parameters(checked.errors)
        return cast("dict[str, Any]", checked.validated_data)

    def chosen(self, filters: Mapping[str, str]) -> dict[str, Any]:
        """Return those of the allowed `filters` (parameter -> lookup) that the address names."""
        given = self.parameters
        return {lookup: given[name] for name, lookup in filters.items() if name in given}

    def body(self, serializer: type[Strict], *, partial: bool = False) -> dict[str, Any]:
        """Return the checked body; a `partial` one may leave out anything, and has no defaults.

        Raises:
            rest_framework.exceptions.ValidationError: a field is wrong, missing or unknown.
        """
        checked = serializer(data=self.request.data, partial=partial)
        checked.is_valid(raise_exception=True)
        return cast("dict[str, Any]", checked.validated_data)

    @property
    def caller(self) -> User:
        """The signed-in account: no view is reached without one, unless it says so."""
        return cast("User", self.request.user)

    def require(self, *permissions: str) -> None:
        """Raise NotAllowed unless the caller has one of the permissions."""
        if not any(self.caller.has_perm(permission) for permission in permissions):
            raise NotAllowed(f"You need the right {' or '.join(permissions)} to do this.")


def _bad_parameters(errors: Mapping[str, Any]) -> BadRequest:
    problems = [
        {"path": name, "message": " ".join(map(str, messages))} for name, messages in errors.items()
    ]
    text = " ".join(f"{problem['path']}: {problem['message']}" for problem in problems)
    return BadRequest(text, problems=problems)


def show(serializer: type[BaseSerializer[Any]], row: Any, **context: Any) -> dict[str, Any]:
    """Return `row` as the serializer shows it."""
    shown: Any = serializer(row, context=context).data
    return dict(shown)


def show_all(serializer: type[BaseSerializer[Any]], rows: Any, **context: Any) -> Any:
    """Return `rows` as the serializer shows each."""
    return serializer(rows, many=True, context=context).data


def one(rows: QuerySet[_Row], **lookup: Any) -> _Row:
    """Return the row; raise NotFound in the same words for what is missing and what is hidden."""
    row = rows.filter(**lookup).first()
    if row is None:
        raise NotFound("There is nothing here that you may see.")
    return row
