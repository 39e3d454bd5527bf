"""From text to Python's syntax tree, within bounds. Nothing is ever executed."""

from __future__ import annotations

import ast
import re
import unicodedata
from dataclasses import dataclass

from workflows.expressions.errors import ExpressionError

MAX_SOURCE = 2_000
MAX_DEPTH = 40
MAX_NODES = 200

_WHITE = re.compile(r"[\t\n\v\f\r]")
_WORD = re.compile(r"\w+")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_GLUED = re.compile(
    r"(?<!\w)(?P<number>(?>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))[^\W\d_]"
)
_HINTS = {
    "&&": "and",
    "||": "or",
    "!": "not",
    "<>": "!=",
    "===": "==",
    "=>": ">=",
    "=<": "<=",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
    "÷": "/",
    "−": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "„": '"',
    "，": ",",
    "。": ".",
    "、": ",",
}
_WORDS = frozenset({"and", "or", "not", "in", "if", "else", "for"})
# Bidirectional controls show a text in another order than it is read in.
_MISLEADING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@dataclass(frozen=True, slots=True)
class Syntax:
    """Python's tree of a source, and how its places map to characters of the source."""

    source: str
    body: ast.expr
    columns: tuple[int, ...] | None
    """Character of each byte of the source; None where all are ASCII."""

    def span(self, node: ast.expr | ast.keyword | ast.comprehension) -> tuple[int, int]:
        if isinstance(node, ast.comprehension):
            return self.span(node.target)[0], self.span(node.iter)[1]
        return self._column(node.col_offset), self._column(node.end_col_offset or 0)

    def text(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self.source[start:end]

    def _column(self, byte: int) -> int:
        return byte if self.columns is None else self.columns[byte]


def read_syntax(source: str) -> Syntax:
    """Return Python's syntax tree of one expression.

    Raises:
        ExpressionError: it is empty, too long, too deep, too large, or not Python's syntax.
    """
    _check_text(source)
    # On one line columns are offsets, and a line break may stand anywhere. Python takes spaces in
    # front for an indentation.
    flat = _WHITE.sub(" ", source)
    indent = len(flat) - len(flat.lstrip(" "))
    _check_numbers(flat)
    try:
        body = ast.parse(flat[indent:], filename="<expression>", mode="eval").body
    except SyntaxError as error:
        raise _syntax_error(error, source, indent) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise ExpressionError(
            "The expression is nested too deeply.", 0, source, len(source)
        ) from None
    syntax = Syntax(source, body, _columns(source))
    _shift(body, indent)
    _check_size(syntax)
    _check_rest(syntax, flat)
    return syntax


def _check_text(source: str) -> None:
    if not isinstance(source, str):
        raise ExpressionError(f"An expression is text, not {type(source).__name__}.")
    if not source.strip():
        raise ExpressionError("The expression is empty.", 0, source)
    if len(source) > MAX_SOURCE:
        message = (
            f"The expression has {len(source):,} characters; at most {MAX_SOURCE:,} are possible."
        )
        raise ExpressionError(message, MAX_SOURCE, source, MAX_SOURCE + 1)
    for offset, letter in enumerate(source):
        if letter == "\\":
            raise ExpressionError("A backslash is not possible in an expression.", offset, source)
        if letter in _MISLEADING or (
            unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") and not _WHITE.match(letter)
        ):
            message = (
                f"An invisible character (U+{ord(letter):04X}) is not possible in an expression."
            )
            raise ExpressionError(message, offset, source)


def _check_numbers(flat: str) -> None:
    """Refuse `1if x`: Python would read it, but write a warning to the log each time."""
    found = _GLUED.search(_TEXT.sub(lambda text: " " * len(text[0]), flat))
    if found is not None:
        end = found.end("number")
        message = "A letter follows this number directly: put a space or an operator between them."
        raise ExpressionError(message, found.start(), flat, end + 1)


def _columns(source: str) -> tuple[int, ...] | None:
    if source.isascii():
        return None
    columns: list[int] = []
    for column, letter in enumerate(source):
        columns += [column] * len(letter.encode())
    return (*columns, len(source))


def _shift(body: ast.expr, indent: int) -> None:
    if indent:
        for node in ast.walk(body):
            if isinstance(node, (ast.expr, ast.keyword)):
                node.col_offset += indent
                node.end_col_offset = (node.end_col_offset or 0) + indent


def _check_size(syntax: Syntax) -> None:
    counted = 0
    pending: list[tuple[ast.AST, int]] = [(syntax.body, 1)]
    place = syntax.span(syntax.body)
    while pending:
        node, depth = pending.pop()
        if isinstance(node, ast.expr):
            counted += 1
            place = syntax.span(node)
        if counted > MAX_NODES:
            message = f"The expression is too large: at most {MAX_NODES} parts are possible."
            raise ExpressionError(message, place[0], syntax.source, place[1])
        if depth > MAX_DEPTH:
            message = (
                f"The expression is nested too deeply: at most {MAX_DEPTH} levels are possible."
            )
            raise ExpressionError(message, place[0], syntax.source, place[1])
        # Only expressions nest; a keyword or a comprehension stands on the level of its parent.
        below = depth + 1 if isinstance(node, ast.expr) else depth
        pending.extend((child, below) for child in ast.iter_child_nodes(node))


def _check_rest(syntax: Syntax, flat: str) -> None:
    """Refuse what Python's tree does not show: comments, and line breaks inside a text."""
    end = syntax.span(syntax.body)[1]
    rest = flat[end:]
    kept = rest.lstrip(" )")
    if kept:
        offset = end + len(rest) - len(kept)
        raise ExpressionError("A comment is not possible in an expression.", offset, syntax.source)
    if "\n" in syntax.source:
        for node in ast.walk(syntax.body):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                start, end = syntax.span(node)
                if "\n" in syntax.source[start:end]:
                    message = "A text must stand on one line."
                    raise ExpressionError(message, start, syntax.source, start + 1)


def _syntax_error(error: SyntaxError, source: str, indent: int) -> ExpressionError:
    offset = min((error.offset or 1) - 1 + indent, len(source))
    if not error.offset:
        offset = len(source.rstrip())
    end = offset + 1
    if (error.end_offset or 0) > (error.offset or 0):
        end = min(len(source), (error.end_offset or 0) - 1 + indent)
    message, place, width = _plain_message(error.msg or "", source, offset)
    if width:
        offset, end = place, place + width
    return ExpressionError(message, offset, source, max(end, offset + 1))


def _plain_message(python: str, source: str, offset: int) -> tuple[str, int, int]:
    """Return a message for people who do not know Python, and, where known better, its place."""
    for start in (offset - 1, offset, offset - 2):
        for wrong, right in _HINTS.items():
            if start >= 0 and source.startswith(wrong, start):
                return f"Write {right} instead of {wrong}", start, len(wrong)
    word = _WORD.match(source, offset)
    if word and word[0].lower() in _WORDS and word[0] not in _WORDS:
        return f"Write {word[0].lower()} in lower case.", offset, len(word[0])
    return _bracket_message(python, source, offset), offset, 0


def _bracket_message(python: str, source: str, offset: int) -> str:
    letter = source[offset : offset + 1]
    plain = unicodedata.normalize("NFKC", letter)
    if "invalid character" in python or "non-printable" in python:
        hint = f' Write "{plain}" instead.' if plain != letter and plain.strip() else ""
        shown = f'"{letter}"' if letter.isprintable() else f"The character U+{ord(letter):04X}"
        return f"{shown} cannot be used here.{hint}"
    if "unterminated" in python:
        return "This text is never closed: its last quote is missing."
    if "was never closed" in python:
        return f'"{letter}" is never closed.'
    if "unmatched" in python or "does not match" in python:
        return f'"{letter}" has no bracket to close.'
    if "instead of '='" in python or letter == "=" or source[max(offset - 1, 0) : offset] == "=":
        return "Write == to compare."
    if offset >= len(source.rstrip()):
        return "The expression ends too early: something is missing here."
    return "This cannot be read as an expression."
