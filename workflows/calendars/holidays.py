"""The public holidays of countries, as the `holidays` package knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

# `holidays` is imported where it is asked: most processes never need it.


@dataclass(frozen=True, slots=True)
class PublicDays:
    """One year: days off, and the days at a weekend on which work is made up for others."""

    off: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()


NONE = PublicDays()


# One value for each year, made before anybody sees it: the package's own objects fill themselves
# while they are asked, and another thread could meet a year that is only half there.
@lru_cache(maxsize=2_000)
def public_days(country: str, subdivision: str, year: int) -> PublicDays:
    """Return the public holidays of a year; none in years of which the package knows nothing.

    Raises:
        ValueError: the package does not know the country or its subdivision.
    """
    import holidays

    if not country:
        return NONE
    try:
        known = holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise ValueError(f"No holidays are known for {country} {subdivision}.".strip()) from error
    # A holiday around New Year may stand in the neighbouring year's rules.
    years = [y for y in (year - 1, year, year + 1) if known.start_year <= y <= known.end_year]
    if year not in years:
        return NONE
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    return PublicDays(
        frozenset(day for day in found if day.year == year),
        frozenset(day for day in found.weekend_workdays if day.year == year),
    )


@cache
def known_countries() -> tuple[str, ...]:
    """Return the ISO codes, of two letters, of the countries whose holidays are known."""
    import holidays

    return tuple(sorted(code for code in holidays.list_supported_countries() if len(code) == 2))


@cache
def known_subdivisions(country: str) -> tuple[str, ...]:
    """Return the codes of a country's states, provinces or cantons with holidays of their own."""
    import holidays

    return tuple(holidays.list_supported_countries().get(country, ()))
