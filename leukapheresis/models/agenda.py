"""What changed in a center's calendar, and who changed what can be booked there."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import one_of
from leukapheresis.enums import PlanAct, PlanThing
from leukapheresis.models.resources import Resource


class CalendarChange(models.Model):
    """One day of a center's calendar looks different since `at`. Rows are only ever added.

    How many there are is the day's version: unlike a counter, adding a row makes nobody wait.
    """

    id = models.BigAutoField(primary_key=True)
    center = models.ForeignKey(Center, models.CASCADE, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("change of the calendar")
        verbose_name_plural = _("changes of the calendar")
        indexes: ClassVar = [models.Index(fields=["center", "on", "id"], name="calendar_change_idx")]

    def __str__(self) -> str:
        return f"{self.on} {self.at:%Y-%m-%d %H:%M}"


class PlanChange(models.Model):
    """Who added, changed or removed a resource, hours, a closure, an exceptional opening or a quota.

    `before` and `after` hold the values as JSON types; empty before an addition and after a removal. `name`
    is what people call the thing, kept for when it is gone.
    """

    id = models.BigAutoField(primary_key=True)
    center = models.ForeignKey(Center, models.CASCADE, related_name="+")
    resource = models.ForeignKey(Resource, models.SET_NULL, null=True, related_name="+")
    thing = models.CharField(max_length=20, choices=PlanThing.choices)
    act = models.CharField(max_length=10, choices=PlanAct.choices)
    name = models.CharField(max_length=200)
    before = models.JSONField[dict[str, Any]](default=dict)
    after = models.JSONField[dict[str, Any]](default=dict)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("change of what can be booked")
        verbose_name_plural = _("changes of what can be booked")
        constraints: ClassVar = [
            one_of("thing", PlanThing, name="plan_change_thing_known"),
            one_of("act", PlanAct, name="plan_change_act_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["center", "-id"], name="plan_change_idx")]

    def __str__(self) -> str:
        return f"{self.act} {self.name}"
