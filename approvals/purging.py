"""What of the portal may be forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from approvals.models import Notice
from workflows.purging import purges


@purges("notices that have been read", setting="GOFLOW_KEEP_NOTICES_DAYS")
def _read_notices(before: datetime) -> models.QuerySet[models.Model]:
    return Notice.objects.filter(read_at__isnull=False, created_at__lt=before)
