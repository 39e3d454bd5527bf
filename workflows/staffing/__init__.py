"""Whether somebody can always act: every human task of a flow, for every possible requester."""

from .check import check_people
from .company import FlowPeople, check_definition, check_published, published_versions
from .leaving import Leaving, if_left, open_for_them_alone
from .report import Answer, Cure, CureKind, Gap, PeopleReport, TaskPeople

__all__ = [
    "Answer",
    "Cure",
    "CureKind",
    "FlowPeople",
    "Gap",
    "Leaving",
    "PeopleReport",
    "TaskPeople",
    "check_definition",
    "check_people",
    "check_published",
    "if_left",
    "open_for_them_alone",
    "published_versions",
]
