"""Who is told what: notices written with the step that causes them, and the mails after it.

A notice is a row of the step's own transaction, so nobody is told of what did not happen. Its mail
is an effect job of the same transaction: sent after the commit, tried again where the mail server
is down, and dropped where the work has gone meanwhile.
"""

from .mail import send_mail
from .reading import mark_all_read, mark_case_read, mark_read
from .telling import tell_of_incident, tell_of_reminder, tell_of_step

__all__ = [
    "mark_all_read",
    "mark_case_read",
    "mark_read",
    "send_mail",
    "tell_of_incident",
    "tell_of_reminder",
    "tell_of_step",
]
