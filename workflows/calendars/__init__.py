"""Calendar time and working time: when something is due, where people sleep and have holidays.

Moments go in with any zone and come out in UTC; in between they are counted by the wall clock of
the calendar's zone. A calendar is a value: no rows, no clock.
"""

from .calendar import WorkingCalendar
from .holidays import known_countries, known_subdivisions
from .hours import OFFICE_HOURS, Hours, Week, week_of
from .walltime import first_moment, zone_of

__all__ = [
    "OFFICE_HOURS",
    "Hours",
    "Week",
    "WorkingCalendar",
    "first_moment",
    "known_countries",
    "known_subdivisions",
    "week_of",
    "zone_of",
]
