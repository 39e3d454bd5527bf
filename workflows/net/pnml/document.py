"""XML of unknown origin, read without trust: no entity, no network, every size bounded."""

from __future__ import annotations

import re
from io import BytesIO

from lxml import etree

from workflows.net.errors import NotANet

MOST_BYTES = 5_000_000
MOST_ELEMENTS = 200_000
MOST_LEVELS = 200

Element = etree._Element

_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)


def parse(text: str | bytes) -> Element:
    """Return the root element.

    Raises:
        NotANet: this is no well-formed XML, it has a document type declaration, or it is too large.
    """
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(content) > MOST_BYTES:
        raise NotANet(f"The file has {len(content):,} bytes; at most {MOST_BYTES:,} are read.")
    if not content.strip():
        raise NotANet("The file is empty.")
    _refuse_doctype(content)
    try:
        return _parse(content, "utf-8" if isinstance(text, str) else None)
    except etree.XMLSyntaxError as error:
        reason = re.sub(r", line \d+, column \d+.*$", "", error.msg or "not well-formed")
        raise NotANet(f"The file is no well-formed XML: {reason}.", error.lineno) from None


def _refuse_doctype(content: bytes) -> None:
    """Refuse a document type declaration before the parser sees it: it may define entities."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<"))
    prolog = content.decode("utf-16" if wide else "utf-8-sig", "replace")
    at = 0
    while passed := _PROLOG.match(prolog, at):
        at = passed.end()
    if prolog.startswith("<!DOCTYPE", at):
        line = prolog.count("\n", 0, at) + 1
        raise NotANet("The file has a document type declaration (DOCTYPE); remove it.", line)


def _parse(content: bytes, encoding: str | None) -> Element:
    events = etree.iterparse(
        BytesIO(content),
        events=("start", "end"),
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    level = count = 0
    for event, element in events:
        if event == "end":
            level -= 1
            continue
        level += 1
        count += 1
        if count == 1 and element.getroottree().docinfo.doctype:
            raise NotANet("The file has a document type declaration (DOCTYPE); remove it.")
        if level > MOST_LEVELS:
            line = line_of(element)
            raise NotANet(f"Elements are nested more than {MOST_LEVELS} deep.", line)
        if count > MOST_ELEMENTS:
            raise NotANet(f"The file has more than {MOST_ELEMENTS:,} elements.")
    root: Element = events.root
    return root


def line_of(element: Element) -> int | None:
    """Return the line on which the element begins."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def tag(element: Element) -> str:
    """Return the element's name without its namespace; "" of what is no element."""
    name: object = element.tag
    return etree.QName(name).localname if isinstance(name, str) else ""


def child(element: Element, *path: str) -> Element | None:
    """Return the first child of this name, and of that the next, whatever their namespaces."""
    found: Element | None = element
    for name in path:
        if found is None:
            break
        found = next((inner for inner in found if tag(inner) == name), None)
    return found


def label(element: Element, name: str) -> tuple[str, int | None]:
    """Return the text of a label, e.g. `<name>`, and its line; "" where it is missing.

    The standard has it in `<text>`, older tools in `<value>` or in the label itself, and TAPAAL as
    an attribute of the element.
    """
    holder = child(element, name)
    if holder is None:
        return (element.get(name) or "").strip(), line_of(element)
    for inner in ("text", "value"):
        found = child(holder, inner)
        if found is not None:
            return "".join(map(str, found.itertext())).strip(), line_of(found)
    return (holder.text or "").strip(), line_of(holder)
