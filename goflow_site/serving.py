"""What must be right before requests are served."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_a_passing_secret_key() -> None:
    """Raise where each process would make its own key: sessions would end with it.

    Raises:
        ImproperlyConfigured: SECRET_KEY is not set, and this is no development.
    """
    if not settings.HAS_OWN_SECRET_KEY and not settings.DEBUG:
        raise ImproperlyConfigured("Set SECRET_KEY; for development, DEBUG=1 does without.")


def forget_times(directory: str) -> None:
    """Empty the directory in which earlier processes kept their times for `/metrics`.

    It belongs to one group of processes, which calls this before its first one starts.
    """
    if directory:
        shutil.rmtree(directory, ignore_errors=True)
        Path(directory).mkdir(parents=True, exist_ok=True)
