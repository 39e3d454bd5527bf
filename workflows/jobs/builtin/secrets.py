"""Headers that a flow may use and nobody may read: they live in the settings of the process."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from workflows.outbound import Refused
from workflows.outbound.urls import read_url


def secret_headers(name: str, url: str) -> dict[str, str]:
    """Return the headers of `GOFLOW_SECRETS[name]`, for a call to this address.

    A secret names the hosts that may see it: who writes flows could send it anywhere else.

    Raises:
        Refused: there is no such secret, or it is not for this address.
    """
    secret = settings.GOFLOW_SECRETS.get(name)
    if not isinstance(secret, Mapping):
        raise Refused(f"There is no secret {name[:40]!r} in GOFLOW_SECRETS.")
    target = read_url(url)
    if target.host not in secret.get("hosts", ()):
        raise Refused(f"The secret {name!r} is not for {target.host}.")
    if target.scheme != "https" and not secret.get("plain_http", False):
        raise Refused(f"The secret {name!r} is only for https.")
    return {str(header): str(value) for header, value in secret.get("headers", {}).items()}
