"""What the portal does outside the step: handlers of its effect jobs."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused

from approvals.notifications import send_mail, tell_of_step
from approvals.notifications.wanting import TELL_HANDLER
from approvals.notifications.writing import MAIL_HANDLER
from workflows.jobs.handlers import Failed, ServiceCall, handler

PERMANENT = 500
"""From here on a mail server's code means that it will refuse the same mail again."""


@handler(TELL_HANDLER, for_flows=False)
def tell(call: ServiceCall) -> None:
    """Tell people of a step of a case, once it is committed."""
    step = call.inputs
    tell_of_step(step["case"], number=step["step"], first=step["first"], last=step["last"])


@handler(MAIL_HANDLER, for_flows=False)
def send_notice_mail(call: ServiceCall) -> None:
    """Send the mail about some notices.

    A mail server that is down is a try that failed. One that refuses the mail for good, e.g. since
    it knows no such address, is not asked again.
    """
    try:
        send_mail(call.inputs["notices"], idempotency_key=call.idempotency_key)
    except SMTPRecipientsRefused as refusal:
        codes = [code for code, _ in refusal.recipients.values()]
        if min(codes) >= PERMANENT:
            raise Failed(f"The mail server refuses the address: {refusal.recipients}") from refusal
        raise
    except SMTPDataError as refusal:
        if refusal.smtp_code >= PERMANENT:
            raise Failed(f"The mail server refuses the mail: {refusal}") from refusal
        raise
