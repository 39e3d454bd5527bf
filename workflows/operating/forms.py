"""One form for each intervention: what is wanted, and why."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import store
from workflows.engine import CancelBranch, Intervention, Move, Repeat, SetData, Skip
from workflows.engine.moves import MOST_TOKENS
from workflows.engine.redoing import ways_to_skip
from workflows.models import Case, WorkItem


class OperationForm(forms.Form):
    """Asks what is wanted. `title` names it, `effect` says what it does.

    `asks`: there is something to choose beside the reason. `needs_item`: it is about a work item.
    """

    title: ClassVar[str | Promise]
    effect: ClassVar[str | Promise]
    asks: ClassVar[bool] = True
    needs_item: ClassVar[bool] = False

    reason = forms.CharField(
        label=_("Why you intervene"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3, "cols": 60}),
        help_text=_("It goes into the history, where whoever sees the case can read it."),
    )
    force = forms.BooleanField(
        label=_("Do it all the same: I know that the case may then not end properly."),
        required=False,
    )

    def __init__(
        self, data: Any = None, *, case: Case, item: WorkItem | None = None, **options: Any
    ) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(data, **options)
        self.case, self.item = case, item
        self.net = store.load_flow(case.version_id).net
        self.build()

    def build(self) -> None:
        """Add the fields that depend on the case."""

    def intervention(self) -> Intervention:
        """Return what a valid form asks for."""
        raise NotImplementedError

    def refuse(self, path: str, message: str) -> None:
        """Show what the engine refuses at its field, or above the form where it has none."""
        self.add_error(path if path in self.fields else None, message)

    @property
    def wanted_fields(self) -> list[forms.BoundField]:
        """The fields that say what is wanted."""
        return [self[name] for name in self.fields if name not in ("reason", "force")]


class MoveForm(OperationForm):
    """A number for every place: what differs from the marking is taken or put."""

    title = _("Move tokens")
    effect = _("Change how many tokens a place holds. What stands open follows the tokens.")

    def build(self) -> None:
        here = [p for p in self.net.places if self.case.marking[p.key]]
        elsewhere = [p for p in self.net.places if not self.case.marking[p.key]]
        for place in (*here, *elsewhere):
            count = self.case.marking[place.key]
            self.fields[f"place-{place.key}"] = forms.IntegerField(
                label=place.title or place.key,
                min_value=0,
                max_value=MOST_TOKENS,
                initial=count,
                widget=forms.NumberInput({"inputmode": "numeric"}),
                help_text=gettext("Holds %(count)d now.") % {"count": count} if count else "",
            )

    def intervention(self) -> Intervention:
        marking = self.case.marking
        wanted = {p.key: self.cleaned_data[f"place-{p.key}"] for p in self.net.places}
        return Move(
            take={p: marking[p] - n for p, n in wanted.items() if n < marking[p]},
            put={p: n - marking[p] for p, n in wanted.items() if n > marking[p]},
        )


class CancelBranchForm(OperationForm):
    title = _("Cancel a branch")
    effect = _("The tokens of the chosen places are taken away: what stands there is not done.")

    def build(self) -> None:
        self.fields["places"] = forms.MultipleChoiceField(
            label=_("Places"),
            choices=[(key, self.net.title(key)) for key in self.case.marking],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one place.")},
        )

    def intervention(self) -> Intervention:
        return CancelBranch(tuple(self.cleaned_data["places"]))


class SkipForm(OperationForm):
    title = _("Skip")
    effect = _("The task ends with the outcome that you choose, and counts as done by nobody.")
    needs_item = True

    def build(self) -> None:
        ways = ways_to_skip(self.case, self.item) if self.item else []
        against = gettext("although its condition does not hold")
        choices = [
            (way.outcome, f"{way.title} ({against})" if way.is_against_guard else way.title)
            for way in ways
        ]
        self.fields["outcome"] = forms.ChoiceField(
            label=_("Outcome"), choices=choices, widget=forms.RadioSelect
        )

    def intervention(self) -> Intervention:
        assert self.item is not None  # noqa: S101  `needs_item`
        return Skip(self.item.pk, self.cleaned_data["outcome"])


class RepeatForm(OperationForm):
    title = _("Repeat")
    effect = _("The task opens again, and what came of it is taken back. The data stays.")
    asks = False
    needs_item = True

    def intervention(self) -> Intervention:
        assert self.item is not None  # noqa: S101  `needs_item`
        return Repeat(self.item.pk)


class _ExactDecoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


class SetDataForm(OperationForm):
    """The changed fields as JSON; a page that knows better forms may use its own."""

    title = _("Correct the data")
    effect = _("The fields are set as far as the flow's schema allows; the tokens stay.")

    def build(self) -> None:
        self.fields["data"] = forms.JSONField(
            label=_("Fields"),
            decoder=_ExactDecoder,
            widget=forms.Textarea({"rows": 5, "cols": 60, "spellcheck": "false"}),
            help_text=_('Only what changes, as JSON: {"days": 3}'),
            error_messages={"invalid": _("This is not JSON. Check quotes, commas and brackets.")},
        )

    def clean_data(self) -> dict[str, Any]:
        data = self.cleaned_data["data"]
        if not isinstance(data, dict):
            raise forms.ValidationError(_('Write an object: {"field": value}.'))
        return data

    def intervention(self) -> Intervention:
        return SetData(self.cleaned_data["data"])


FORMS: dict[str, type[OperationForm]] = {
    "move": MoveForm,
    "set-data": SetDataForm,
    "cancel-branch": CancelBranchForm,
    "skip": SkipForm,
    "repeat": RepeatForm,
}
