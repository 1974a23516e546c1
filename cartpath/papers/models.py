"""What was printed, and the packs for downtime with everybody who took one."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import UuidModel, one_of
from cartpath.papers.enums import OF_A_JOURNEY, PaperKind, PaperLanguage
from patients.models import Journey

_DIGEST = r"^[0-9a-f]{64}$"


class Paper(UuidModel):
    """One print. The paper itself isn't kept: `digest` is the SHA-256 of the file that was handed out.

    A day sheet is about many children and belongs to its center alone; every other paper belongs to a journey
    and stands in its ledger.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, null=True, related_name="papers")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    kind = models.CharField(_("paper"), max_length=20, choices=PaperKind.choices)
    language = models.CharField(_("language"), max_length=5, choices=PaperLanguage.choices)
    pages = models.PositiveSmallIntegerField(_("pages"))
    digest = models.CharField(max_length=64)
    printed_at = models.DateTimeField(_("printed"))
    printed_by = models.CharField(_("printed by"), max_length=120)
    event_id = models.BigIntegerField(null=True, unique=True)

    class Meta:
        verbose_name = _("printed paper")
        verbose_name_plural = _("printed papers")
        constraints: ClassVar = [
            one_of("kind", PaperKind, name="paper_kind_known"),
            one_of("language", PaperLanguage, name="paper_language_known"),
            models.CheckConstraint(
                condition=Q(digest__regex=_DIGEST),
                name="paper_has_digest",
                violation_error_message=_("A paper has the digest of its file."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OF_A_JOURNEY, journey__isnull=False, event_id__isnull=False)
                | Q(kind=PaperKind.DAY_SHEET, journey__isnull=True, event_id__isnull=True),
                name="paper_of_journey_in_ledger",
                violation_error_message=_("A paper about a child stands in the ledger, a day sheet doesn't."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "-printed_at"], name="paper_latest_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.printed_at:%Y-%m-%d %H:%M}"


class PackPassphrase(models.Model):
    """The passphrase that opens a center's packs, sealed with the house's secret key; never shown again."""

    center = models.OneToOneField(Center, models.CASCADE, primary_key=True, related_name="pack_passphrase")
    sealed = models.BinaryField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("passphrase of the pack for downtime")
        verbose_name_plural = _("passphrases of the packs for downtime")

    def __str__(self) -> str:
        return f"{self.center_id} {self.set_at:%Y-%m-%d}"


class DowntimePack(UuidModel):
    """What a ward needs when the program is down: the children of a center for some days, encrypted.

    `content` is an encrypted PDF. It is taken away when the days that the pack covers are over; that there
    was one, and who took it, stays.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="downtime_packs")
    covers_from = models.DateTimeField(_("from"))
    covers_until = models.DateTimeField(_("until"))
    children = models.PositiveIntegerField(_("children"))
    pages = models.PositiveIntegerField(_("pages"))
    digest = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    made_by = models.CharField(_("made by"), max_length=120)
    removed_at = models.DateTimeField(_("removed"), null=True)

    class Meta:
        verbose_name = _("pack for downtime")
        verbose_name_plural = _("packs for downtime")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(covers_until__gt=F("covers_from")),
                name="pack_covers_some_time",
                violation_error_message=_("A pack ends after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(content__isnull=True, removed_at__isnull=False)
                | Q(content__isnull=False, removed_at__isnull=True),
                name="pack_kept_until_removed",
                violation_error_message=_("A pack is kept until it is removed."),
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=_DIGEST),
                name="pack_has_digest",
                violation_error_message=_("A pack has the digest of its file."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["center", "-covers_from"], name="pack_latest_idx")]

    def __str__(self) -> str:
        return f"{self.center_id} {self.covers_from:%Y-%m-%d %H:%M}"


class PackTaking(models.Model):
    """Somebody took a pack out of the house."""

    pack = models.ForeignKey(DowntimePack, models.PROTECT, related_name="takings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=120)
    taken_at = models.DateTimeField(_("taken"))

    class Meta:
        verbose_name = _("taking of a pack")
        verbose_name_plural = _("takings of packs")

    def __str__(self) -> str:
        return f"{self.name} {self.taken_at:%Y-%m-%d %H:%M}"
