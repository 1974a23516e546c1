"""The donor of a journey whose product is made of somebody else's cells: a second person, kept apart."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.core.models import UuidModel, one_of
from patients.enums import DonorRelation, SerologyResult, Sex

_TESTS: tuple[str, ...] = ("hbv", "hcv", "hiv")


def _a_result_has_its_day(test: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{test: "", f"{test}_on__isnull": True})
        | (~models.Q(**{test: ""}) & models.Q(**{f"{test}_on__isnull": False})),
        name=f"donor_{test}_has_its_day",
        violation_error_message=_("A result needs the day of its sample, and a day its result."),
    )


class Donor(UuidModel):
    """Who gives the cells: one donor for one journey. As personal as the child; unknown is empty or NULL.

    Serology is an empty text while unknown; `markers_on` is the day on which infectious disease markers were
    drawn at a collection. Weight and height are the donor's own, in kilograms and centimeters.
    """

    journey = models.OneToOneField("patients.Journey", models.PROTECT, related_name="donor")
    local_id = models.CharField(_("donor number"), max_length=40)
    family_name = models.CharField(_("family name"), max_length=120)
    given_name = models.CharField(_("given name"), max_length=120)
    birth_date = models.DateField(_("birth date"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices)
    relation = models.CharField(_("relation to the child"), max_length=20, choices=DonorRelation.choices)
    hla_matched = models.PositiveSmallIntegerField(_("HLA alleles matched"), null=True, blank=True)
    hla_typed = models.PositiveSmallIntegerField(_("HLA alleles compared"), null=True, blank=True)
    hla_note = models.CharField(_("HLA in words"), max_length=200, blank=True)
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
    measured_on = models.DateField(_("measured"), null=True, blank=True)
    hbv = models.CharField("HBV", max_length=10, choices=SerologyResult.choices, blank=True)
    hbv_on = models.DateField(null=True, blank=True)
    hcv = models.CharField("HCV", max_length=10, choices=SerologyResult.choices, blank=True)
    hcv_on = models.DateField(null=True, blank=True)
    hiv = models.CharField("HIV", max_length=10, choices=SerologyResult.choices, blank=True)
    hiv_on = models.DateField(null=True, blank=True)
    markers_on = models.DateField(_("markers of the collection day"), null=True, blank=True)

    class Meta:
        verbose_name = _("donor")
        verbose_name_plural = _("donors")
        constraints: ClassVar = [
            one_of("sex", Sex, name="donor_sex_known"),
            one_of("relation", DonorRelation, name="donor_relation_known"),
            models.CheckConstraint(
                condition=models.Q(hla_matched__isnull=True)
                | models.Q(hla_typed__isnull=False, hla_matched__lte=models.F("hla_typed")),
                name="donor_hla_match_possible",
                violation_error_message=_("Not more alleles can match than were compared."),
            ),
            models.CheckConstraint(
                condition=models.Q(weight_kg__isnull=True) | models.Q(weight_kg__range=(0.3, 300)),
                name="donor_weight_possible",
                violation_error_message=_("Weight must be between 0.3 and 300 kg."),
            ),
            models.CheckConstraint(
                condition=models.Q(height_cm__isnull=True) | models.Q(height_cm__range=(20, 250)),
                name="donor_height_possible",
                violation_error_message=_("Height must be between 20 and 250 cm."),
            ),
            *(_a_result_has_its_day(test) for test in _TESTS),
        ]

    def __str__(self) -> str:
        return f"{self.family_name.upper()}, {self.given_name}"

    @property
    def full_name(self) -> str:
        """The name as it is signed."""
        return f"{self.given_name} {self.family_name}"
