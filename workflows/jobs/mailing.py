"""What every mail that a job sends has in its head."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

_UNSAFE_IN_ID = re.compile(r"[^A-Za-z0-9.-]+")


def machine_headers(idempotency_key: str) -> dict[str, str]:
    """Return the headers of a mail that a machine sends, at every try the same."""
    return {
        "Message-ID": message_id(idempotency_key),
        # No answer by a machine, no note that somebody is away.
        "Auto-Submitted": "auto-generated",
    }


def message_id(key: str) -> str:
    """Return the Message-ID for an idempotency key: a mail that was sent twice arrives once."""
    host = urlsplit(str(settings.PUBLIC_URL)).hostname or "localhost"
    return f"<{_UNSAFE_IN_ID.sub('-', key)}@{host}>"
