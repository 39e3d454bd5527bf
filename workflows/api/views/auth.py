"""Tokens: given for a user name and a password, kept as a digest only, revocable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in, user_logged_out
from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
from knox.settings import knox_settings
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.api.base import APIView
from workflows.api.fields import Strict, TextField
from workflows.api.schema import answers
from workflows.api.throttling import SignInAttempts
from workflows.errors import Conflict

if TYPE_CHECKING:
    from rest_framework.permissions import _SupportsHasPermission


class NoToken(Conflict):
    code = "no_token"
    title = "There is no token to revoke"


class Credentials(Strict):
    username = TextField(max_length=150)
    password = TextField(max_length=4096, trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="For `Authorization: Token ...`; shown only once.")
    expiry = serializers.DateTimeField(allow_null=True, help_text="Null: until it is revoked.")


class TokenView(APIView):
    def get_authenticators(self) -> list[BaseAuthentication]:
        return super().get_authenticators() if self._is_signing_out() else []

    def get_permissions(self) -> Sequence[_SupportsHasPermission]:
        return super().get_permissions() if self._is_signing_out() else [AllowAny()]

    def get_authenticate_header(self, request: Request) -> str:
        return str(knox_settings.AUTH_HEADER_PREFIX)

    def _is_signing_out(self) -> bool:
        return getattr(self, "request", None) is None or self.request.method != "POST"

    @extend_schema(
        operation_id="auth_token_create",
        summary="Sign in: a token for a user name and a password",
        description="No Idempotency-Key here: a token is never kept to be told again.",
        auth=[],
        request=Credentials,
        responses=answers(200, TokenSerializer, 429),
    )
    def post(self, request: Request) -> Response:
        given = self.body(Credentials)
        attempts = SignInAttempts.of(request, given["username"])
        attempts.require_allowed()
        user = authenticate(request._request, **given)
        if user is None:
            attempts.count_failure()
            raise AuthenticationFailed("This user name and password do not fit together.")
        row, token = get_token_model().objects.create(
            user=user, expiry=knox_settings.TOKEN_TTL, prefix=knox_settings.TOKEN_PREFIX
        )
        user_logged_in.send(sender=type(user), request=request._request, user=user)
        return Response(TokenSerializer({"token": token, "expiry": row.expiry}).data)

    @extend_schema(
        operation_id="auth_token_revoke",
        summary="Revoke the token with which this very request is signed",
        responses=answers(204, None, 409),
    )
    def delete(self, request: Request) -> Response:
        if request.auth is None:
            raise NoToken("This request is signed in by the browser's session, not by a token.")
        request.auth.delete()
        user_logged_out.send(sender=type(request.user), request=request._request, user=request.user)
        return Response(status=204)
