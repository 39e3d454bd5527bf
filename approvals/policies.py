"""The rules of the company as pure functions: no rows, no clock.

A rule returns the problems that it finds; nobody is refused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from workflows.calendars import WorkingCalendar

LONGEST_LEAVE_DAYS = 365
"""Calendar days from the first to the last, both included."""
LEAVE_BACK_DAYS = 366
LEAVE_AHEAD_DAYS = 731
EXPENSE_DATE_DAYS = 366
"""How far a line's date may lie from today, either way: further off is a slip of the keyboard."""
MAX_EXPENSE_LINES = 100
LARGEST_AMOUNT = Decimal("9999999999.99")
CURRENCIES_WITHOUT_CENTS = frozenset({"JPY"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: `path` is a field, `lines.0.amount`, or "" for the whole."""

    path: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "message": self.message}


def leave_problems(
    start: date, end: date, *, today: date, calendar: WorkingCalendar
) -> list[Problem]:
    """Return what speaks against leave from `start` to `end` of somebody with this calendar."""
    if end < start:
        return [Problem("end", "The last day lies before the first day.")]
    problems = []
    if (end - start).days + 1 > LONGEST_LEAVE_DAYS:
        problems.append(
            Problem("end", f"One request covers at most {LONGEST_LEAVE_DAYS} days. Make two of it.")
        )
    elif calendar.working_days(start, end) == 0:
        told = "There is no working day between these dates: they are a weekend or holidays."
        problems.append(Problem("end", told))
    if start < today - timedelta(days=LEAVE_BACK_DAYS):
        problems.append(Problem("start", "The first day lies more than a year back."))
    if start > today + timedelta(days=LEAVE_AHEAD_DAYS):
        problems.append(Problem("start", "The first day lies more than two years ahead."))
    return problems


def days_problems(
    days: Decimal, start: date, end: date, *, calendar: WorkingCalendar
) -> list[Problem]:
    """Return what is wrong with a number of days that somebody with this calendar gave.

    Fewer than there are would pass by the rules for long leave.
    """
    if days > LONGEST_LEAVE_DAYS or days != days.quantize(Decimal("0.1")):
        return [Problem("days", f"Enter a number of days up to {LONGEST_LEAVE_DAYS}, or tenths.")]
    counted = calendar.working_days(start, end)
    if days < counted:
        return [
            Problem("days", f"From {start} to {end} there are {counted} working days, not {days}.")
        ]
    return []


def expense_problems(
    lines: Sequence[tuple[date, Decimal]], *, currency: str, today: date
) -> list[Problem]:
    """Return what speaks against a claim of these lines (date and amount)."""
    if not lines:
        return [Problem("lines", "Add at least one line.")]
    problems = []
    if len(lines) > MAX_EXPENSE_LINES:
        problems.append(Problem("lines", f"A claim has at most {MAX_EXPENSE_LINES} lines."))
    for index, (spent_on, amount) in enumerate(lines):
        if abs((spent_on - today).days) > EXPENSE_DATE_DAYS:
            problems.append(
                Problem(f"lines.{index}.date", "This date lies more than a year from today.")
            )
        problems += amount_problems(amount, currency=currency, path=f"lines.{index}.amount")
    return problems


def amount_problems(amount: Decimal, *, currency: str, path: str) -> list[Problem]:
    """Return what is wrong with an amount of money in `currency`."""
    if amount <= 0:
        return [Problem(path, "Enter an amount above zero.")]
    if amount > LARGEST_AMOUNT:
        return [Problem(path, f"Enter at most {LARGEST_AMOUNT:,}.")]
    decimals = 0 if currency in CURRENCIES_WITHOUT_CENTS else 2
    if amount != amount.quantize(Decimal(1).scaleb(-decimals)):
        text = "has no cents" if decimals == 0 else "has at most two decimal places"
        return [Problem(path, f"An amount in {currency} {text}.")]
    return []


def text_problems(text: str, *, path: str, max_length: int) -> list[Problem]:
    """Return what keeps a text from being stored: its length, or characters that are none."""
    if len(text) > max_length:
        return [Problem(path, f"Use at most {max_length:,} characters; these are {len(text):,}.")]
    if "\x00" in text:
        return [Problem(path, "The text holds a null character. Type it again.")]
    return []


def total_problems(total: Decimal, amounts: Iterable[Decimal]) -> list[Problem]:
    """Return what is wrong with a total that somebody gave beside its lines."""
    counted = sum(amounts, Decimal(0))
    if total != counted:
        return [Problem("total", f"The lines add up to {counted:,}, not {total:,}.")]
    return []
