"""Visits that a family was given a day for."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel
from followup.enums import UnplanReason
from followup.models.visits import SkippedVisit, Visit
from patients.models import Journey


class ArrangedVisitQuerySet(models.QuerySet["ArrangedVisit"]):
    """Reads of arranged visits."""

    def standing(self) -> Self:
        """Those not canceled of which at least one visit of the plan is neither held nor left out."""
        open_items = ArrangedItem.objects.filter(arranged=models.OuterRef("pk")).unsettled()
        return self.filter(models.Exists(open_items), canceled_at=None)


class ArrangedVisit(UuidModel):
    """A day that a family was told, for one or more visits of the plan held together.

    `starts_at` is the local time, if one was said. Nothing closes it: it stands for as long as a visit of it
    waits (see `ArrangedVisitQuerySet.standing`), so that a visit entered in error brings it back.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="arranged_visits")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    planned_on = models.DateField(_("day"))
    starts_at = models.TimeField(_("time"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    arranged_by = models.CharField(_("arranged by"), max_length=120)
    arranged_at = models.DateTimeField()
    event_id = models.BigIntegerField(unique=True)
    canceled_at = models.DateTimeField(null=True)
    canceled_reason = models.CharField(max_length=20, choices=UnplanReason.choices, blank=True)

    objects = ArrangedVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("arranged visit")
        verbose_name_plural = _("arranged visits")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(canceled_at=None, canceled_reason="")
                | models.Q(canceled_at__isnull=False, canceled_reason__in=UnplanReason.values),
                name="arranged_visit_canceled_with_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["center", "planned_on"],
                name="arranged_visit_day_idx",
                condition=models.Q(canceled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.planned_on)


class ArrangedItemQuerySet(models.QuerySet["ArrangedItem"]):
    """Reads of what a day was arranged for."""

    def unsettled(self) -> Self:
        """Visits of the plan that are neither held nor left out."""
        of_journey = {"journey": models.OuterRef("arranged__journey"), "item": models.OuterRef("item")}
        held = Visit.objects.filter(**of_journey, struck_at=None)
        skipped = SkippedVisit.objects.filter(**of_journey)
        return self.filter(~models.Exists(held), ~models.Exists(skipped))


class ArrangedItem(models.Model):
    """One visit of the plan that is to be held on an arranged day."""

    arranged = models.ForeignKey(ArrangedVisit, models.PROTECT, related_name="items")
    item = models.CharField(_("planned visit"), max_length=40)

    objects = ArrangedItemQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["arranged", "item"], name="arranged_item_once"),
        ]

    def __str__(self) -> str:
        return self.item
