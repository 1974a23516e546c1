"""A center's own versions of a protocol: a shipped version and what the center decided to change in it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import UuidModel, one_of


class EditionState(models.TextChoices):
    """Whether an edition is still worked on."""

    WORKING = "working", _("Working copy")
    PUBLISHED = "published", _("Published")


class ProtocolEditionQuerySet(models.QuerySet["ProtocolEdition"]):
    """Reads of editions."""

    def visible_to(self, user: User) -> "ProtocolEditionQuerySet":
        """Editions of the person's centers."""
        return self.filter(center_id__in=user.center_ids)

    def working(self) -> "ProtocolEditionQuerySet":
        """Working copies; they do nothing."""
        return self.filter(state=EditionState.WORKING)

    def published(self) -> "ProtocolEditionQuerySet":
        """Editions that journeys can be pinned to."""
        return self.filter(state=EditionState.PUBLISHED)


class ProtocolEdition(UuidModel):
    """A shipped version and its changes. The database refuses to change or delete a published one.

    `changes` and `left_out` hold JSON of `apply.Change`: what is changed, and what a working copy couldn't
    take over from the edition before it, each with `why`. `number` counts the center's published editions of
    the protocol. `published_at` is when it was decided; `recorded_at` is the database's clock, as in the
    ledger, and says what was known when an event was written.
    """

    center = models.ForeignKey(
        Center, models.PROTECT, related_name="protocol_editions", verbose_name=_("center")
    )
    protocol_id = models.CharField(_("protocol"), max_length=60)
    base_version = models.CharField(_("based on version"), max_length=20)
    version = models.CharField(_("version"), max_length=40, blank=True)
    number = models.PositiveIntegerField(_("number"), null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=EditionState.choices, default=EditionState.WORKING
    )
    changes = models.JSONField(_("changes"), default=list)
    left_out = models.JSONField(_("not taken over"), default=list)
    reason = models.TextField(_("reason"), blank=True)
    created_by = models.CharField(_("begun by"), max_length=120)
    created_by_id_text = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("begun"))
    published_by = models.CharField(_("published by"), max_length=120, blank=True)
    published_by_id_text = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(_("published"), null=True)
    recorded_at = models.DateTimeField(null=True)

    objects = ProtocolEditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("protocol edition")
        verbose_name_plural = _("protocol editions")
        constraints: ClassVar = [
            one_of("state", EditionState, name="edition_state_known"),
            models.UniqueConstraint(
                fields=["protocol_id", "version"],
                condition=models.Q(state=EditionState.PUBLISHED),
                name="edition_version_once",
                violation_error_message=_("This protocol already has an edition with this version."),
            ),
            models.UniqueConstraint(
                fields=["center", "protocol_id", "number"],
                condition=models.Q(state=EditionState.PUBLISHED),
                name="edition_number_once",
                violation_error_message=_("This center already has an edition with this number."),
            ),
            models.UniqueConstraint(
                fields=["center", "protocol_id"],
                condition=models.Q(state=EditionState.WORKING),
                name="edition_one_working_copy",
                violation_error_message=_("This center already works on an edition of this protocol."),
            ),
            models.CheckConstraint(
                condition=models.Q(state=EditionState.WORKING, version="", number=None, recorded_at=None)
                | (
                    models.Q(
                        state=EditionState.PUBLISHED,
                        number__gte=1,
                        published_at__isnull=False,
                        recorded_at__isnull=False,
                    )
                    & ~models.Q(version="")
                    & ~models.Q(published_by="")
                    & ~models.Q(reason="")
                ),
                name="edition_published_signed",
                violation_error_message=_("A published edition carries its version, who, when and why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.protocol_id} {self.version or self.base_version + ' …'}"

    @property
    def is_published(self) -> bool:
        """Whether journeys can be pinned to it, and nothing can change it any more."""
        return self.state == EditionState.PUBLISHED
