"""Whoever knew the old password, or held a token for it, has to sign in anew when it changes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.dispatch import receiver
from knox.models import get_token_model


@receiver(post_save, sender=User, dispatch_uid="goflow.revoke_tokens")
def revoke_tokens(instance: User, created: bool, **_: Any) -> None:
    """Revoke the tokens of an account whose password was set, wherever that was done.

    Django ends the sessions by itself. A signal, since the admin, its command line and the shell
    save the account without a service. The new password is there until the row is saved; a hash
    that is only brought up to date at signing in has none.
    """
    if not created and getattr(instance, "_password", None) is not None:
        get_token_model().objects.filter(user=instance).delete()
