"""How an outcome looks and what it asks for, told from its key; other keys look plain."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_Text = str | Promise


@dataclass(frozen=True, slots=True)
class OutcomeTraits:
    """`told` is the outcome as a sentence's end: "Ben Baker *approved*"."""

    style: str = "primary"
    icon: str = "check"
    tone: str = "primary"
    told: _Text = ""
    needs_confirmation: bool = False
    comment_required: bool = False
    confirm_text: _Text = ""


_FINAL = _("This cannot be undone.")
APPROVE = OutcomeTraits("success", "check", "success", _("approved"))
REJECT = OutcomeTraits("danger", "x", "danger", _("rejected"), True, True, _FINAL)
RETURN = OutcomeTraits(
    "secondary",
    "arrow-back-up",
    "warning",
    _("returned this for correction"),
    comment_required=True,
)
WITHDRAW = OutcomeTraits(
    "secondary",
    "ban",
    "neutral",
    _("withdrew this"),
    needs_confirmation=True,
    confirm_text=_(
        "Nobody will be asked to decide any more. You can ask again with a new request."
    ),
)

OUTCOMES: dict[str, OutcomeTraits] = {
    "approve": APPROVE,
    "agree": APPROVE,
    "accept": APPROVE,
    "reject": REJECT,
    "refuse": REJECT,
    "decline": REJECT,
    "return": RETURN,
    "send_back": RETURN,
    "withdraw": WITHDRAW,
    "resubmit": OutcomeTraits("primary", "send", "primary", _("submitted this again")),
    "record": OutcomeTraits("primary", "device-floppy", "success", _("recorded this")),
    "paid": OutcomeTraits(
        "success", "circle-check", "success", _("paid this"), True, False, _FINAL
    ),
    "ordered": OutcomeTraits(
        "success", "shopping-cart", "success", _("ordered this"), True, False, _FINAL
    ),
    "done": OutcomeTraits("success", "circle-check", "success", _("finished this")),
}
GENERIC = OutcomeTraits()
APPROVING = frozenset(key for key, traits in OUTCOMES.items() if traits is APPROVE)
REJECTING = frozenset(key for key, traits in OUTCOMES.items() if traits is REJECT)
WITHDRAWING = frozenset(key for key, traits in OUTCOMES.items() if traits is WITHDRAW)


def traits_of(outcome: str) -> OutcomeTraits:
    return OUTCOMES.get(outcome, GENERIC)
