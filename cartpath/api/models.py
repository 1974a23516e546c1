"""The one table of the API: answers that a retry gets again."""

from typing import ClassVar

from django.db import models

from cartpath.accounts.models import ApiClient
from cartpath.core.models import UuidModel


class IdempotencyKey(UuidModel):
    """A client's key, a digest of the request it came with, and the answer. Kept for a day."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    location = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "key"], name="idempotency_key_once")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotency_key_age_idx")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key}"
