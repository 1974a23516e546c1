"""Who the child is called, who decides for it, and which hospital near home helps: tables of their own."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Concat, Lower, Upper
from django.utils.translation import gettext_lazy as _

from cartpath.core.models import one_of
from patients.enums import GuardianRelation


class FormerName(models.Model):
    """A name the child had in this center until a day, by which it is still found.

    `was_wrong` marks a name that was only misspelled: it is searched, but never said of the child.
    """

    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="former_names")
    family_name = models.CharField(_("family name"), max_length=120)
    given_name = models.CharField(_("given name"), max_length=120)
    until_on = models.DateField(_("until"))
    was_wrong = models.BooleanField(_("was misspelled"), default=False)
    search_text = models.GeneratedField(
        expression=Upper(Concat("family_name", models.Value(" "), "given_name")),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "family_name", "given_name"], name="former_name_once_per_patient"
            ),
        ]
        indexes: ClassVar = [
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="former_name_search_trgm"),
        ]

    def __str__(self) -> str:
        return f"{self.family_name.upper()}, {self.given_name}"


class Guardian(models.Model):
    """Somebody who decides for the child by law, from a day to a day; an open end is NULL.

    `has_custody` is NULL while nobody knows.
    """

    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="guardians")
    name = models.CharField(_("name"), max_length=120)
    relation = models.CharField(_("relation"), max_length=20, choices=GuardianRelation.choices)
    has_custody = models.BooleanField(_("has custody"), null=True)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("guardian")
        verbose_name_plural = _("guardians")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "patient",
                Lower("name"),
                name="guardian_name_once_per_patient",
                violation_error_message=_("This guardian is already recorded."),
            ),
            one_of("relation", GuardianRelation, name="guardian_relation_known"),
            models.CheckConstraint(
                condition=models.Q(from_on__isnull=True)
                | models.Q(until_on__isnull=True)
                | models.Q(until_on__gte=models.F("from_on")),
                name="guardian_until_after_from",
                violation_error_message=_("The last day can't lie before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HomeHospital(models.Model):
    """The hospital near the child's home that shares the care, and what it does."""

    patient = models.OneToOneField(
        "patients.Patient", models.CASCADE, primary_key=True, related_name="home_hospital"
    )
    name = models.CharField(_("hospital"), max_length=160)
    physician = models.CharField(_("physician"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    fax = models.CharField(_("fax"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    does_blood_tests = models.BooleanField(_("takes blood tests"), default=False)
    gives_immunoglobulin = models.BooleanField(_("gives immunoglobulin"), default=False)
    gives_vaccines = models.BooleanField(_("gives vaccines"), default=False)
    other_tasks = models.CharField(_("what else it does"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("home hospital")
        verbose_name_plural = _("home hospitals")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="home_hospital_named",
                violation_error_message=_("Name the hospital."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
