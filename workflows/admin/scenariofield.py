"""The scenarios of a version as text: the list of a flow file, with its mistakes told by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from workflows.flowfile import FlowFileError
from workflows.flowfile.emit import write_data, write_scenarios
from workflows.flowfile.scenariotext import data_from_text, from_text


class FlowTextField(forms.CharField):
    """YAML or JSON, read by `reader` and shown by `writer`."""

    widget = forms.Textarea
    reader: Callable[[str], Any]
    writer: Callable[[Any], str]
    nothing: Callable[[], Any]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **{"required": False, **kwargs})

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value or self.nothing()
        try:
            return type(self).reader(value)
        except FlowFileError as error:
            raise ValidationError([str(problem) for problem in error.problems]) from error

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else type(self).writer(value or self.nothing())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial).split() != str(data or "").split())


class ScenariosField(FlowTextField):
    reader, writer, nothing = staticmethod(from_text), staticmethod(write_scenarios), list


class DataField(FlowTextField):
    """The data of a case: a field a line."""

    reader, writer, nothing = staticmethod(data_from_text), staticmethod(write_data), dict


SCENARIOS_HELP = _(
    "Sample cases with the way they should go, as in the flow file: a list of titles, data, steps "
    "and what to expect. One that goes another way keeps the version from being published."
)
