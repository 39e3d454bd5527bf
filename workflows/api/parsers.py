"""JSON in, exact: a number with a fraction becomes a Decimal; what cannot be kept is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from workflows.api.errors import BadJSON, BodyTooLarge

MOST_DEPTH = 64
"""Deeper nesting is refused: every later walk over the values may be recursive."""

MOST_DIGITS = 60
"""A number with more digits, or with an exponent that needs more, is refused.

`1e999999999` is a short text, but writing it out would take the memory of the machine.
"""


class ExactJSONParser(BaseParser):
    """Reads `application/json` within the bounds of size and depth."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's values.

        Raises:
            BodyTooLarge: the body is longer than `DATA_UPLOAD_MAX_MEMORY_SIZE`.
            BadJSON: it is not JSON, or holds what no field can keep; says where.
        """
        return parse_json(_read(stream))


def parse_json(body: bytes) -> Any:
    """Return the values of a JSON text.

    Raises:
        BadJSON: with `line` and `column` where the text itself is wrong.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadJSON(
            f"The body is not UTF-8: byte {error.start} is no part of a character."
        ) from error
    try:
        values = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise BadJSON(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            line=error.lineno,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise BadJSON(f"The body is nested more than {MOST_DEPTH} levels deep.") from error
    _check_values(values)
    return values


def _read(stream: IO[bytes]) -> bytes:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = stream.read() if limit is None else stream.read(limit + 1)
    if limit is not None and len(body) > limit:
        raise BodyTooLarge(f"The body is larger than {limit:,} bytes.", limit_bytes=limit)
    return body


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _too_long(text) from error
    if len(number.as_tuple().digits) > MOST_DIGITS or abs(number.adjusted()) > MOST_DIGITS:
        raise _too_long(text)
    return number


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _too_long(text)
    return int(text)


def _too_long(text: str) -> BadJSON:
    shown = text if len(text) <= 30 else f"{text[:27]}..."
    return BadJSON(f"The number {shown} needs more than {MOST_DIGITS} digits.")


def _refuse_constant(name: str) -> NoReturn:
    raise BadJSON(f"{name} is not JSON: a number is written with digits.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJSON(f"{twice!r} is given twice in one object: which one is meant?")
    return values


def _check_values(values: Any) -> None:
    """Refuse too deep a nesting, and text that no database keeps: NUL and half characters."""
    level = [values]
    for _ in range(MOST_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, dict):
                for name in value:
                    _check_text(name)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return
        level = below
    raise BadJSON(f"The body is nested more than {MOST_DEPTH} levels deep.")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise BadJSON("A text holds the character U+0000, which cannot be kept.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        raise BadJSON(f"A text holds {half}, which is half of a character.") from error
