"""Values as people read them: money, dates, ages, sizes, names. Pure text, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.policies import CURRENCIES_WITHOUT_CENTS

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def money(amount: Decimal, currency: str) -> str:
    """Return e.g. `12,000.00 EUR`."""
    decimals = 0 if currency in CURRENCIES_WITHOUT_CENTS else 2
    return f"{amount:,.{decimals}f} {currency}".strip()


def number(value: Decimal | int | float) -> str:
    """Return the number with separators and without trailing zeros: `1,234.5`."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def capped(count: int, *, most: int) -> int | str:
    """Return a count as it is shown that was not taken beyond `most`: 7, or 99+."""
    return f"{most - 1}+" if count >= most else count


def day(value: date) -> str:
    """Return e.g. `3 Dec 2026`."""
    return date_format(value, "j M Y")


def moment(value: datetime) -> str:
    """Return e.g. `3 Dec 2026, 14:05`, by the reader's clock."""
    return date_format(timezone.localtime(value), "j M Y, H:i")


def period(start: date, end: date) -> str:
    """Return e.g. `1 - 4 Dec 2026`, with an en dash; month and year once where they are shared."""
    if start == end:
        return day(start)
    if start.year != end.year:
        first = day(start)
    elif start.month != end.month:
        first = date_format(start, "j M")
    else:
        first = str(start.day)
    return f"{first} \N{EN DASH} {day(end)}"


def age(since: datetime, *, now: datetime) -> str:
    """Return how long ago, in its largest unit: `2 days`, `5 minutes`, `just now`."""
    seconds = int((now - since).total_seconds())
    if seconds < _MINUTE:
        return _("just now")
    if seconds < _HOUR:
        return _count_of(seconds // _MINUTE, "minute")
    if seconds < _DAY:
        return _count_of(seconds // _HOUR, "hour")
    return _count_of(seconds // _DAY, "day")


def when(at: datetime, *, now: datetime) -> str:
    """Return the moment, as an age while it is less than a day old: `5 minutes ago`."""
    if (now - at).total_seconds() >= _DAY:
        return moment(at)
    text = age(at, now=now)
    return text if text == _("just now") else _("%(time)s ago") % {"time": text}


def file_size(size_bytes: int) -> str:
    """Return e.g. `12 KB`, `1.4 MB`; a thousand bytes are a kilobyte, as file managers count."""
    if size_bytes < 1000:
        return _("%(count)s bytes") % {"count": size_bytes}
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f} KB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def joined(names: Sequence[str], *, word: str = "") -> str:
    """Return `Ada, Ben or Carl`."""
    last_word = word or _("or")
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last_word} {names[-1]}"


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, `AA` for Ada Archer."""
    words = name.split()
    if not words:
        return "?"
    first, last = words[0][0], words[-1][0] if len(words) > 1 else ""
    return (first + last).upper()


def _count_of(count: int, unit: str) -> str:
    if unit == "minute":
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    if unit == "hour":
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
