"""The data of a case, typed by the flow's schema (JSON Schema, draft 2020-12 of an object).

In memory: exact Decimals, dates, aware datetimes. As JSON: a number only where a float holds it
exactly, else its digits as text; dates as ISO 8601.
"""

from workflows.data.checking import MAX_BYTES, check
from workflows.data.converting import canonical, read, to_json, write
from workflows.data.problem import DataProblem
from workflows.data.schemas import check_schema
from workflows.data.typed import TypedData

__all__ = [
    "MAX_BYTES",
    "DataProblem",
    "TypedData",
    "canonical",
    "check",
    "check_schema",
    "read",
    "to_json",
    "write",
]
