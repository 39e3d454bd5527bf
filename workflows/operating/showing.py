"""Foresight in words, with titles instead of keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import store
from workflows.engine import Foresight
from workflows.engine.foresight import Item
from workflows.models import Case
from workflows.net import Marking


@dataclass(frozen=True, slots=True)
class ItemShown:
    """A work item that closes or opens; `people` reads `Ben Baker, group finance`."""

    title: str
    people: str
    is_completed: bool


@dataclass(frozen=True, slots=True)
class ForesightShown:
    """`tone` is good, warning or bad. `run` are titles of transitions; it leads to `run_ends`."""

    tone: str
    headline: str | Promise
    message: str
    marking: list[str]
    fires: list[str]
    closes: list[ItemShown]
    opens: list[ItemShown]
    run: list[str]
    run_ends: list[str]
    can_be_forced: bool


_HEADLINES: dict[str, tuple[str, str | Promise]] = {
    "yes": ("good", _("The case can still end properly.")),
    "no": ("bad", _("The case could not end properly.")),
    "undecided": ("warning", _("Whether the case can still end properly is not decided.")),
}


def shown(foresight: Foresight, case: Case) -> ForesightShown:
    net = store.load_flow(case.version_id).net
    tone, headline = _HEADLINES[foresight.answer]
    is_no = foresight.answer == "no"
    if foresight.ends:
        headline = _("The case ends with this.")
    return ForesightShown(
        tone=tone,
        headline=headline,
        message="" if foresight.ends else foresight.message,
        marking=_held(case, foresight.marking),
        fires=[net.title(key) for key in foresight.fires],
        closes=[_item(item) for item in foresight.closes],
        opens=[_item(item) for item in foresight.opens],
        run=[net.title(key) for key in foresight.completion.run] if is_no else [],
        run_ends=_held(case, foresight.completion.marking) if is_no else [],
        can_be_forced=is_no and not foresight.fails,
    )


def _held(case: Case, marking: Marking) -> list[str]:
    net = store.load_flow(case.version_id).net
    return [
        net.title(place) if count == 1 else f"{net.title(place)} ({count})"
        for place, count in marking.as_dict().items()
    ]


def _item(item: Item) -> ItemShown:
    groups = [gettext("group %(name)s") % {"name": group} for group in item.groups]
    people: Sequence[str] = (*item.people, *groups)
    return ItemShown(item.title, ", ".join(people), item.is_completed)
