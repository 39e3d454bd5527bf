"""What was answered to a request that carried an Idempotency-Key."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.db import models


class IdempotencyRecord(models.Model):
    """Written in the transaction of the request's effect: both are there, or neither.

    `identity` stands for the person and the key: a hash, since MariaDB holds keys that differ in
    case only for the same. `fingerprint` stands for all that was asked, so that a key used for
    something else shows.
    """

    identity = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=500, blank=True)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = "idempotency record"
        verbose_name_plural = "idempotency records"

    def __str__(self) -> str:
        return f"{self.user_id}: {self.status} at {self.created_at}"

    @staticmethod
    def identity_of(user: Any, key: str) -> str:
        return hashlib.sha256(f"{user.pk}:{key}".encode()).hexdigest()
