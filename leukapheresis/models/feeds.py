"""The secret addresses at which calendar programs read."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.core.models import UuidModel, one_of
from leukapheresis.enums import FeedKind
from leukapheresis.models.resources import Resource


class CalendarFeed(UuidModel):
    """One address: whoever knows it reads the calendar that `user` may see, or that of `resource`.

    Only a digest of the secret in the address is kept. The address dies with the rights of the person who
    made it, and when somebody revokes it.
    """

    kind = models.CharField(max_length=10, choices=FeedKind.choices)
    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    resource = models.ForeignKey(Resource, models.CASCADE, null=True, related_name="calendar_feeds")
    name = models.CharField(_("used where"), max_length=60)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, help_text=_("When it was last asked for, to the hour."))
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints: ClassVar = [
            one_of("kind", FeedKind, name="feed_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind=FeedKind.PERSON, resource=None)
                | models.Q(kind=FeedKind.RESOURCE, resource__isnull=False),
                name="feed_of_person_or_resource",
                violation_error_message=_("A resource's address names its resource, a person's has none."),
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
                name="feed_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.name}"
