"""What two people do at the bedside: signatures, bags, premedication, reactions, and entries sent later."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import UuidModel, one_of
from infusion.bedside.words import AfterReaction, Premedicant, PremedicationRoute, ReactionSign
from infusion.models.giving import IdentityCheck
from manufacturing.models import Batch, CustodyItem
from patients.models import Journey


class BedsideSignature(models.Model):
    """One person who scanned wristband and bag and signed that they belong together.

    Signatures wait here, each from a session of its own or typed at the same tablet, until as many different
    people have signed as the center asks for: then `check_made` names the check that they became.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="bedside_signatures")
    # The reader of custody may make its rows anew, with the same ids, within one transaction.
    item = models.ForeignKey(CustodyItem, models.DO_NOTHING, related_name="bedside_signatures")
    fraction = models.PositiveSmallIntegerField(_("part of the dose"), default=1)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    signed_at = models.DateTimeField(_("signed"))
    check_made = models.ForeignKey(
        IdentityCheck, models.PROTECT, related_name="signatures", null=True, blank=True
    )

    class Meta:
        verbose_name = _("signature at the bedside")
        verbose_name_plural = _("signatures at the bedside")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "fraction", "person"],
                condition=models.Q(check_made__isnull=True),
                name="bedside_signature_once",
                violation_error_message=_("Each person signs once."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.person_id}"


class BagInfusion(UuidModel):
    """One bag from thaw to the last drop. `volume_ml` is what was given of it; unknown is NULL."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="bag_infusions")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="bag_infusions")
    item = models.OneToOneField(CustodyItem, models.DO_NOTHING, related_name="bag_infusion")
    fraction = models.PositiveSmallIntegerField(_("part of the dose"), default=1)
    identity = models.ForeignKey(IdentityCheck, models.PROTECT, related_name="bag_infusions")
    thaw_started_at = models.DateTimeField(_("thaw started"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    started_by = models.CharField(_("started by"), max_length=120, blank=True)
    start_event_id = models.BigIntegerField(unique=True, null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=120, blank=True)
    volume_ml = models.DecimalField(_("volume given"), max_digits=6, decimal_places=1, null=True, blank=True)
    is_whole = models.BooleanField(_("whole bag given"), null=True)
    end_note = models.CharField(_("why not the whole bag"), max_length=400, blank=True)
    end_event_id = models.BigIntegerField(unique=True, null=True, blank=True)

    class Meta:
        verbose_name = _("infusion of a bag")
        verbose_name_plural = _("infusions of bags")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(started_at__isnull=True)
                | models.Q(thaw_started_at__isnull=True)
                | models.Q(started_at__gte=models.F("thaw_started_at")),
                name="bag_infusion_after_thaw",
                violation_error_message=_("The infusion can't start before the thaw."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(started_at__isnull=False, ended_at__gte=models.F("started_at")),
                name="bag_infusion_ends_after_start",
                violation_error_message=_("The infusion can't end before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(volume_ml__isnull=True) | models.Q(volume_ml__gte=0),
                name="bag_infusion_volume_possible",
            ),
            models.CheckConstraint(
                condition=models.Q(is_whole__isnull=True) | models.Q(is_whole=True) | ~models.Q(end_note=""),
                name="bag_infusion_rest_explained",
                violation_error_message=_("Say why the bag was not given whole."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "fraction"], name="bag_infusion_part_idx")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.started_at}"

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self.started_at is not None and self.ended_at is None


class Premedication(UuidModel):
    """One drug given before the infusion; a mistaken entry stays, with `struck_at`. Unknown is NULL or ""."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="premedications")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    fraction = models.PositiveSmallIntegerField(_("part of the dose"), default=1)
    drug = models.CharField(_("drug"), max_length=20, choices=Premedicant.choices)
    name = models.CharField(_("name of the drug"), max_length=60, blank=True)
    dose_mg = models.DecimalField(_("dose"), max_digits=8, decimal_places=2, null=True, blank=True)
    route = models.CharField(_("route"), max_length=12, choices=PremedicationRoute.choices, blank=True)
    given_at = models.DateTimeField(_("given"))
    given_by = models.CharField(_("given by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("premedication")
        verbose_name_plural = _("premedications")
        constraints: ClassVar = [
            one_of("drug", Premedicant, name="premedication_drug_known"),
            models.CheckConstraint(
                condition=models.Q(route__in=["", *PremedicationRoute.values]),
                name="premedication_route_known",
                violation_error_message=_("Not one of the known values."),
            ),
            models.CheckConstraint(
                condition=models.Q(dose_mg__isnull=True) | models.Q(dose_mg__gt=0),
                name="premedication_dose_positive",
                violation_error_message=_("A dose must be above 0 mg."),
            ),
            models.CheckConstraint(
                condition=~models.Q(drug=Premedicant.OTHER) | ~models.Q(name=""),
                name="premedication_other_named",
                violation_error_message=_("Name the drug."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "given_at"], name="premedication_order_idx")]

    def __str__(self) -> str:
        return f"{self.drug} {self.given_at:%Y-%m-%d %H:%M}"


class InfusionReaction(UuidModel):
    """Signs seen during the infusion at one time, how severe they were, and what was done about the bag."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="infusion_reactions")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    bag = models.ForeignKey(BagInfusion, models.PROTECT, related_name="reactions", null=True, blank=True)
    signs = ArrayField(models.CharField(max_length=20, choices=ReactionSign.choices), verbose_name=_("signs"))
    grade = models.PositiveSmallIntegerField(_("grade"), null=True, blank=True)
    action = models.CharField(_("infusion"), max_length=12, choices=AfterReaction.choices)
    note = models.CharField(_("note"), max_length=400, blank=True)
    seen_at = models.DateTimeField(_("seen"))
    recorded_by = models.CharField(max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("reaction during the infusion")
        verbose_name_plural = _("reactions during the infusion")
        constraints: ClassVar = [
            one_of("action", AfterReaction, name="infusion_reaction_action_known"),
            models.CheckConstraint(
                condition=models.Q(signs__len__gt=0) & models.Q(signs__contained_by=ReactionSign.values),
                name="infusion_reaction_signs_known",
                violation_error_message=_("Choose at least one sign."),
            ),
            models.CheckConstraint(
                condition=models.Q(grade__isnull=True) | models.Q(grade__range=(1, 5)),
                name="infusion_reaction_grade_possible",
                violation_error_message=_("A grade lies between 1 and 5."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "seen_at"], name="infusion_reaction_order_idx")]

    def __str__(self) -> str:
        return f"{self.action} {self.seen_at:%Y-%m-%d %H:%M}"

    @property
    def signs_words(self) -> str:
        """The signs in words."""
        return ", ".join(str(ReactionSign(sign).label) for sign in self.signs)


class KeptEntry(models.Model):
    """An entry that a page sent with a key of its own, so that sending it again changes nothing.

    `digest` tells whether the same key came with something else. Nothing about the child is kept here.
    """

    key = models.UUIDField(primary_key=True)
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("entry sent from a page")
        verbose_name_plural = _("entries sent from pages")

    def __str__(self) -> str:
        return str(self.key)
