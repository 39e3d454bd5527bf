"""What the portal does outside the step: handlers of its effect jobs."""

from __future__ import annotations

from approvals.notifications import send_mail
from approvals.notifications.writing import MAIL_HANDLER
from workflows.jobs.handlers import ServiceCall, handler


@handler(MAIL_HANDLER)
def send_notice_mail(call: ServiceCall) -> None:
    """Send the mail about some notices. A mail server that is down is a try that failed."""
    send_mail(call.inputs["notices"], idempotency_key=call.idempotency_key)
