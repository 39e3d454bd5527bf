"""What somebody does, in the two tenses that a story needs: `rejects`, `has already rejected`."""

from __future__ import annotations

from dataclasses import dataclass

from .words import quoted

_PAST = {
    "send": "sent",
    "resend": "resent",
    "pay": "paid",
    "choose": "chosen",
    "withdraw": "withdrawn",
    "give": "given",
    "take": "taken",
    "begin": "begun",
    "make": "made",
    "do": "done",
    "hold": "held",
    "ship": "shipped",
    "stop": "stopped",
    "skip": "skipped",
    "submit": "submitted",
    "resubmit": "resubmitted",
    "cancel": "cancelled",
    "refer": "referred",
    "plan": "planned",
    "let": "let",
    "put": "put",
    "buy": "bought",
    "keep": "kept",
    "tell": "told",
    "write": "written",
    "go": "gone",
    "drop": "dropped",
    "permit": "permitted",
}
_REGULAR = """
    accept add agree allow answer apply approve archive ask assess assign book call check claim
    clarify close comment complete confirm consent continue correct countersign decide decline
    delegate deliver deny dismiss dispute edit enter escalate evaluate file fill finish forward
    grant hand inform inspect issue join notify object offer open order pass postpone prepare
    print process raise receive recommend record refuse register reject release remind renew
    repeat reply report request require resolve resume retry return review revise revoke
    schedule select settle sign start support suspend test transfer update upload verify veto
    wait waive
"""
_REGULAR_VERBS = frozenset(_REGULAR.split())
_WITH_OBJECT = frozenset(
    {"return", "submit", "resubmit", "send", "forward", "escalate", "withdraw"}
)
"""Of these nobody says that somebody just does it."""
_OWN = frozenset({"submit", "resubmit", "start", "send", "request", "apply", "register", "file"})
"""What the requester does where the flow itself goes on at once when they start a case."""


@dataclass(frozen=True, slots=True)
class Deed:
    """`present`: "rejects"; `perfect`: "has already rejected"; both without the one who does it."""

    present: str
    perfect: str


def deed_of(title: str) -> Deed:
    """Return what somebody does who chooses the outcome of this title.

    A title that begins with a verb becomes one, any other is quoted.
    """
    first, _, rest = title.strip().partition(" ")
    verb = first.lower()
    tail = f" {_lowered(rest)}" if rest else " it" if verb in _WITH_OBJECT else ""
    if verb in _PAST or verb in _REGULAR_VERBS:
        return Deed(_third(verb) + tail, f"has already {_participle(verb)}{tail}")
    return Deed(f"chooses {quoted(title)}", f"has already chosen {quoted(title)}")


def is_of_requester(title: str) -> bool:
    """Say whether this title names what somebody does who starts a case."""
    return title.strip().partition(" ")[0].lower() in _OWN


def _third(verb: str) -> str:
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "o")) else f"{verb}s"


def _participle(verb: str) -> str:
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


def _lowered(rest: str) -> str:
    first = rest.partition(" ")[0]
    return rest if first != first.capitalize() else rest[:1].lower() + rest[1:]
