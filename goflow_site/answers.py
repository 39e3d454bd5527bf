"""Answers on their way out: compressed, and left away where the reader has them already."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware

COMPRESSED_TYPES = frozenset(
    {"text/html", "application/json", "application/problem+json", "image/svg+xml"}
)
COMPRESSED_METHODS = frozenset({"GET", "HEAD"})


class CompressionMiddleware(GZipMiddleware):
    """Compresses pages, JSON and drawings; static files are compressed when they are collected.

    Against BREACH, which guesses a secret from the length of an answer that repeats what the
    attacker has sent: the secret of a page, its CSRF token, is masked anew in every answer; the
    length varies by up to 100 random bytes; what answers a POST, such as a new token of the API,
    is not compressed; and files of people never are.
    """

    max_random_bytes = 100

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if (
            response.streaming
            or request.method not in COMPRESSED_METHODS
            or media_type not in COMPRESSED_TYPES
        ):
            return response
        return super().process_response(request, response)


class RevalidationMiddleware(ConditionalGetMiddleware):
    """Answers 304 where an answer that says `no-cache` is the one that the reader has.

    The tag is a hash of the whole answer, made after rights were checked and rows were read: it is
    nobody else's and never out of date. Pages take no part: their CSRF token differs each time.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if "no-cache" not in response.headers.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)
