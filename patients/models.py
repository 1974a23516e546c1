"""The child, the referral, and the journey."""

from datetime import date, datetime
from functools import cached_property
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.models import UuidModel, one_of
from cartpath.protocols import catalog
from cartpath.protocols.schema import Protocol

# Tables of this app with modules of their own: Django finds them here.
from patients.consent import Consent as Consent
from patients.donor import Donor as Donor
from patients.enums import (
    AllergyState,
    Cd19Status,
    ClosingReason,
    ContactRelation,
    CriterionVerdict,
    Diagnosis,
    DiseaseStatus,
    DrugClass,
    Language,
    PerformanceScale,
    ReferralState,
    Sex,
    Stage,
    Urgency,
)
from patients.family import FormerName as FormerName
from patients.family import Guardian as Guardian
from patients.family import HomeHospital as HomeHospital
from patients.results import RuleResult as RuleResult


class PatientQuerySet(models.QuerySet["Patient"]):
    """Reads of patients."""

    def visible_to(self, user: User) -> "PatientQuerySet":
        """Patients of the centers where the person may see patients."""
        return self.filter(center_id__in=user.centers_for(Permission.VIEW_PATIENTS))

    def matching(self, text: str) -> "PatientQuerySet":
        """Patients whose names, former names or MRN hold every word of `text`, in any order.

        Both halves read a trigram index.
        """
        found = self
        for word in text.upper().split():
            now = Patient.objects.filter(search_text__contains=word).values("pk")
            formerly = FormerName.objects.filter(search_text__contains=word).values("patient_id")
            found = found.filter(pk__in=now.union(formerly, all=True))
        return found


class Patient(UuidModel):
    """The child; lives longer than a treatment."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="patients", verbose_name=_("center"))
    mrn = models.CharField(_("MRN"), max_length=40)
    family_name = models.CharField(_("family name"), max_length=120)
    given_name = models.CharField(_("given name"), max_length=120)
    birth_date = models.DateField(_("birth date"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices)
    language = models.CharField(_("family's language"), max_length=5, choices=Language.choices, blank=True)
    allergy_state = models.CharField(
        _("allergies"), max_length=20, choices=AllergyState.choices, default=AllergyState.NOT_RECORDED
    )
    allergies = models.CharField(_("known allergies"), max_length=400, blank=True)
    died_on = models.DateField(_("died"), null=True, blank=True)
    search_text = models.GeneratedField(
        expression=Upper(
            models.functions.Concat("family_name", models.Value(" "), "given_name", models.Value(" "), "mrn")
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["center", "mrn"],
                name="patient_mrn_once",
                violation_error_message=_("A patient with this MRN is already known in this center."),
            ),
            one_of("sex", Sex, name="patient_sex_known"),
            one_of("allergy_state", AllergyState, name="patient_allergy_state_known"),
            models.CheckConstraint(
                condition=models.Q(died_on__isnull=True) | models.Q(died_on__gte=models.F("birth_date")),
                name="patient_died_after_birth",
                violation_error_message=_("A patient can't have died before birth."),
            ),
        ]
        indexes: ClassVar = [
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="patient_search_trgm"),
        ]

    def __str__(self) -> str:
        return f"{self.family_name.upper()}, {self.given_name}"


class Measurement(models.Model):
    """Weight and height of a named date."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="measurements")
    measured_at = models.DateTimeField(_("measured"))
    weight_kg = models.DecimalField(
        _("weight"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0.3), MaxValueValidator(300)],
    )
    height_cm = models.DecimalField(
        _("height"),
        max_digits=5,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(20), MaxValueValidator(250)],
    )

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(weight_kg__isnull=False) | models.Q(height_cm__isnull=False),
                name="measurement_has_a_value",
                violation_error_message=_("Give a weight, a height, or both."),
            ),
            models.CheckConstraint(
                condition=models.Q(weight_kg__isnull=True) | models.Q(weight_kg__range=(0.3, 300)),
                name="measurement_weight_possible",
                violation_error_message=_("Weight must be between 0.3 and 300 kg."),
            ),
            models.CheckConstraint(
                condition=models.Q(height_cm__isnull=True) | models.Q(height_cm__range=(20, 250)),
                name="measurement_height_possible",
                violation_error_message=_("Height must be between 20 and 250 cm."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "-measured_at"], name="measurement_latest_idx")]

    def __str__(self) -> str:
        return f"{self.weight_kg} kg, {self.height_cm} cm"


class Contact(models.Model):
    """Somebody to call about the child."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="contacts")
    relation = models.CharField(_("relation"), max_length=20, choices=ContactRelation.choices)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints: ClassVar = [one_of("relation", ContactRelation, name="contact_relation_known")]

    def __str__(self) -> str:
        return self.name


class JourneyQuerySet(models.QuerySet["Journey"]):
    """Reads of journeys."""

    def visible_to(self, user: User) -> "JourneyQuerySet":
        """Journeys of the centers where the person may see patients."""
        return self.filter(center_id__in=user.centers_for(Permission.VIEW_PATIENTS))

    def open(self) -> "JourneyQuerySet":
        """Journeys still on their way."""
        return self.exclude(stage=Stage.CLOSED)


class Journey(UuidModel):
    """One course of one product for one patient. Its row is the lock of every write about it."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="journeys", verbose_name=_("patient"))
    center = models.ForeignKey(Center, models.PROTECT, related_name="journeys", verbose_name=_("center"))
    product = models.CharField(_("product"), max_length=40)
    protocol_id = models.CharField(_("protocol"), max_length=60, blank=True)
    protocol_version = models.CharField(_("protocol version"), max_length=40, blank=True)
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices, default=Stage.REFERRED)
    stage_since = models.DateTimeField(_("in stage since"))
    closing_reason = models.CharField(
        _("closed because"), max_length=30, choices=ClosingReason.choices, blank=True
    )
    infused_at = models.DateTimeField(_("infused"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JourneyQuerySet.as_manager()

    class Meta:
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")
        constraints: ClassVar = [
            one_of("stage", Stage, name="journey_stage_known"),
            models.CheckConstraint(
                condition=models.Q(stage=Stage.CLOSED, closing_reason__in=ClosingReason.values)
                | (~models.Q(stage=Stage.CLOSED) & models.Q(closing_reason="")),
                name="journey_closed_with_reason",
                violation_error_message=_("A closed journey carries its reason, an open one carries none."),
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=[Stage.REFERRED, Stage.CLOSED])
                | (~models.Q(protocol_id="") & ~models.Q(protocol_version="")),
                name="journey_pinned_once_accepted",
                violation_error_message=_("An accepted journey is pinned to a protocol version."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["center", "stage"], name="journey_board_idx")]

    def __str__(self) -> str:
        return f"{self.patient} · {self.product}"

    @cached_property
    def proposed(self) -> Protocol:
        """What an acceptance would pin now; read once, so that what was judged is what is pinned.

        Lists set it for all their journeys at once, see `eligibility.propose`. Raises KeyError for a product
        without a protocol in the center's region.
        """
        return catalog.for_center(self.center, self.product)


class Referral(models.Model):
    """What the referring center told us, and what we decided."""

    journey = models.OneToOneField(Journey, models.PROTECT, primary_key=True, related_name="referral")
    referring_center = models.CharField(_("referring center"), max_length=160)
    referring_physician = models.CharField(_("referring physician"), max_length=120, blank=True)
    referred_at = models.DateTimeField(_("referred"))
    urgency = models.CharField(_("urgency"), max_length=20, choices=Urgency.choices, default=Urgency.ROUTINE)
    diagnosis = models.CharField(_("diagnosis"), max_length=20, choices=Diagnosis.choices)
    diagnosis_detail = models.CharField(_("diagnosis in detail"), max_length=400, blank=True)
    disease_status = models.CharField(
        _("disease status"), max_length=30, choices=DiseaseStatus.choices, blank=True
    )
    cd19_status = models.CharField(_("CD19"), max_length=10, choices=Cd19Status.choices, blank=True)
    cd19_tested_on = models.DateField(_("CD19 tested"), null=True, blank=True)
    performance_scale = models.CharField(
        _("performance scale"), max_length=10, choices=PerformanceScale.choices, blank=True
    )
    performance_score = models.PositiveSmallIntegerField(_("performance score"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(max_length=20, choices=ReferralState.choices, default=ReferralState.SUBMITTED)
    review_on = models.DateField(_("review on"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints: ClassVar = [
            one_of("state", ReferralState, name="referral_state_known"),
            one_of("diagnosis", Diagnosis, name="referral_diagnosis_known"),
            models.CheckConstraint(
                condition=models.Q(performance_score__isnull=True)
                | (models.Q(performance_score__range=(0, 100)) & ~models.Q(performance_scale="")),
                name="referral_score_has_scale",
                violation_error_message=_("A performance score of 0 to 100 needs its scale."),
            ),
        ]

    def __str__(self) -> str:
        return self.referring_center


class Treatment(models.Model):
    """A previous treatment; its last dose drives the washout. An unknown last dose stays unknown."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="treatments")
    drug = models.CharField(_("drug or procedure"), max_length=120)
    drug_class = models.CharField(_("class"), max_length=30, choices=DrugClass.choices)
    last_dose_on = models.DateField(_("last dose, day"), null=True, blank=True)
    last_dose_at = models.DateTimeField(_("last dose, time"), null=True, blank=True)
    half_life_hours = models.FloatField(_("half-life in hours"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("previous treatment")
        verbose_name_plural = _("previous treatments")
        constraints: ClassVar = [
            one_of("drug_class", DrugClass, name="treatment_class_known"),
            models.CheckConstraint(
                condition=models.Q(last_dose_on__isnull=True) | models.Q(last_dose_at__isnull=True),
                name="treatment_one_last_dose",
                violation_error_message=_("Give the last dose as a day or as a time, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.drug

    @property
    def last_dose(self) -> datetime | date | None:
        """The last dose as exactly as it is known."""
        return self.last_dose_at or self.last_dose_on


class EligibilityItem(models.Model):
    """The latest verdict on one criterion; earlier ones are in the ledger."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="eligibility_items")
    criterion = models.CharField(max_length=40)
    verdict = models.CharField(_("verdict"), max_length=10, choices=CriterionVerdict.choices)
    observed_on = models.DateField(_("observed"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    finding = models.CharField(_("finding"), max_length=400, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    assessed_by = models.CharField(max_length=120)
    assessed_by_id_text = models.CharField(max_length=64)
    waived_with = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("second clinician")
    )

    class Meta:
        verbose_name = _("eligibility item")
        verbose_name_plural = _("eligibility items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "criterion"], name="eligibility_item_once"),
            one_of("verdict", CriterionVerdict, name="eligibility_verdict_known"),
            models.CheckConstraint(
                condition=~models.Q(verdict=CriterionVerdict.WAIVED)
                | (models.Q(waived_with__isnull=False) & ~models.Q(reason="")),
                name="eligibility_waiver_reasoned",
                violation_error_message=_("A waiver needs a reason and a second clinician."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.verdict}"


class Status(models.Model):
    """Where a journey stands, kept by `StatusReader`: the only table that lists and programs read."""

    journey = models.OneToOneField(Journey, models.CASCADE, primary_key=True, related_name="status")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="+")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    product = models.CharField(max_length=40)
    protocol_id = models.CharField(max_length=60, blank=True)
    protocol_version = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=20, choices=Stage.choices)
    stage_since = models.DateTimeField()
    closing_reason = models.CharField(max_length=30, blank=True)
    referred_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    apheresis_at = models.DateTimeField(null=True)
    manufacturing_started_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    lymphodepletion_started_at = models.DateTimeField(null=True)
    infused_at = models.DateTimeField(null=True)
    planned_apheresis_at = models.DateTimeField(null=True)
    crs_current = models.PositiveSmallIntegerField(null=True)
    crs_max = models.PositiveSmallIntegerField(null=True)
    crs_at = models.DateTimeField(null=True)
    icans_current = models.PositiveSmallIntegerField(null=True)
    icans_max = models.PositiveSmallIntegerField(null=True)
    icans_at = models.DateTimeField(null=True)
    b_cell_aplasia = models.CharField(max_length=20, null=True)  # noqa: DJ001 (null is "unknown" outside)
    last_response = models.CharField(max_length=10, null=True)  # noqa: DJ001
    last_response_at = models.DateTimeField(null=True)
    transplanted_on = models.DateField(null=True)
    events = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [one_of("stage", Stage, name="status_stage_known")]
        indexes: ClassVar = [
            models.Index(fields=["center", "updated_at", "journey"], name="status_feed_idx"),
            models.Index(fields=["center", "stage", "stage_since"], name="status_board_idx"),
            models.Index(fields=["patient"], name="status_patient_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.stage}"
