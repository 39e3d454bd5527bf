"""Who is told what: a step leaves one job behind, and a worker tells people of it.

The job is a row of the step's own transaction, so nobody is told of what did not happen, and what
happened is told. It writes the notices, and for each mail another job, which is tried again where
the mail server is down, and dropped where the work has gone meanwhile.
"""

from .mail import send_mail
from .reading import mark_all_read, mark_case_read, mark_read
from .telling import tell_of_incident, tell_of_reminder, tell_of_step
from .wanting import jobs_of_step

__all__ = [
    "jobs_of_step",
    "mark_all_read",
    "mark_case_read",
    "mark_read",
    "send_mail",
    "tell_of_incident",
    "tell_of_reminder",
    "tell_of_step",
]
