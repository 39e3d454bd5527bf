"""What a browser sends from a page: the fields of its form, read from the HTML."""

from __future__ import annotations

from html.parser import HTMLParser


class _Fields(HTMLParser):
    """Collects the fields of one form; an empty row that a script copies is no field."""

    def __init__(self, form_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.form_id = form_id
        self.is_inside = False
        self.fields: dict[str, str] = {}
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("id") == self.form_id
        name = given.get("name") or ""
        if not self.is_inside or "__prefix__" in name:
            return
        if tag == "input" and name and given.get("type") not in ("submit", "file"):
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self.fields[name] = given.get("value") or ("on" if is_box else "")
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.fields[self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            # A browser leaves out the line break that follows the tag.
            known = self.fields[self._textarea]
            self.fields[self._textarea] = known + (data if known else data.removeprefix("\n"))


def page_fields(html: str, form_id: str = "flowversion_form") -> dict[str, str]:
    """Return name -> value of the form's fields."""
    parser = _Fields(form_id)
    parser.feed(html)
    return parser.fields


def add_rows(fields: dict[str, str], prefix: str, rows: list[dict[str, str]]) -> None:
    """Fill new rows of an inline, as a click on “Add another” and typing would."""
    first = int(fields[f"{prefix}-INITIAL_FORMS"])
    for index, row in enumerate(rows, start=first):
        for name, value in row.items():
            fields[f"{prefix}-{index}-{name}"] = value
    total = int(fields[f"{prefix}-TOTAL_FORMS"])
    fields[f"{prefix}-TOTAL_FORMS"] = str(max(total, first + len(rows)))
