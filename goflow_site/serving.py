"""What must be right before requests are served."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_a_passing_secret_key() -> None:
    """Raise where each process would make its own key: sessions would end with it.

    Raises:
        ImproperlyConfigured: SECRET_KEY is not set, and this is no development.
    """
    if not settings.HAS_OWN_SECRET_KEY and not settings.DEBUG:
        raise ImproperlyConfigured("Set SECRET_KEY; for development, DEBUG=1 does without.")
