"""`mail`: a plain text to somebody."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import category

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from workflows.expressions import Person
from workflows.jobs.handlers import Failed, ServiceCall, handler
from workflows.jobs.mailing import machine_headers

MOST_RECIPIENTS = 50
LONGEST_SUBJECT = 200
# Control characters, line and paragraph separators.
_NOT_IN_A_LINE = frozenset({"Cc", "Zl", "Zp"})


@handler("mail")
def send_mail(
    call: ServiceCall,
    *,
    subject: str,
    text: str,
    to: str = "",
    person: Person | None = None,
    reply_to: str = "",
) -> None:
    """Send one mail to the addresses in `to`, with commas between, or to a person's own.

    It has the same Message-ID at every try, so that a mail that was sent twice arrives once.

    Raises:
        Failed: there is no recipient, an address is wrong, or the subject has several lines.
        OSError, smtplib.SMTPException: the mail server did not take it; it is tried again.
    """
    if len(subject) > LONGEST_SUBJECT or any(category(c) in _NOT_IN_A_LINE for c in subject):
        raise Failed(f"The subject is not one line of at most {LONGEST_SUBJECT} characters.")
    recipients = [*_addresses(to), *_address_of(person)]
    if not recipients:
        raise Failed("There is nobody to send the mail to.")
    if len(recipients) > MOST_RECIPIENTS:
        raise Failed(f"The mail has {len(recipients)} recipients; {MOST_RECIPIENTS} are the most.")
    EmailMessage(
        subject=subject,
        body=text,
        to=recipients,
        reply_to=list(_addresses(reply_to)),
        headers=machine_headers(call.idempotency_key),
    ).send()


def _addresses(text: str) -> Iterator[str]:
    for address in text.split(",") if text else ():
        try:
            validate_email(address.strip(" "))
        except ValidationError as error:
            raise Failed(f"{address[:80]!r} is no mail address.") from error
        yield address.strip(" ")


def _address_of(person: Person | None) -> Iterator[str]:
    if person is None:
        return
    user = User.objects.filter(pk=person.id, is_active=True).first()
    if user is not None and user.email:
        yield from _addresses(user.email)
