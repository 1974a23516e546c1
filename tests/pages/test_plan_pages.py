"""Pages of what can be booked: closures, exceptional openings, quotas, resources and their hours."""

from collections.abc import Callable
from datetime import date, time

import time_machine
from django.test import Client
from django.urls import reverse

from cartpath.accounts.models import Center, User
from leukapheresis.enums import ResourceKind
from leukapheresis.models import (
    Closure,
    OpenDay,
    PlanChange,
    Quota,
    Resource,
    ResourceHours,
)
from tests.equipment import unit_of
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from tests.pages.test_calendar_pages import RESOURCES, closure

Sit = Callable[[User], Desk]


def test_a_coordinator_enters_and_removes_a_closure_and_both_are_kept(
    story: Story, desk: Sit, ada: User
) -> None:
    booking = story.booked()
    day = booking.slot.starts_at.astimezone(story.center.zone).date()
    with time_machine.travel(story.at, tick=False):
        client = Client()
        client.force_login(ada)
        page = text_of(client.post("/apheresis/closures/new/", closure(day), follow=True))
    assert "1 booking lies in that time" in page
    row = Closure.objects.get()
    assert row.resource is None
    desk(ada).post(reverse("leukapheresis:closure_remove", args=[row.pk]))
    assert not Closure.objects.exists()
    kept = PlanChange.objects.order_by("pk")
    assert [(each.act, each.actor_name) for each in kept] == [("added", "Ada"), ("removed", "Ada")]
    said = text_of(desk(ada).get(f"{RESOURCES}history/"))
    assert "the whole center · Removed" in said and "Public holiday" in said


def test_an_exceptional_opening_counts_for_every_resource_chosen(
    story: Story, desk: Sit, ada: User, center: Center
) -> None:
    unit = unit_of(center, ResourceKind.NURSE, ResourceKind.CHAIR)
    sent = {
        "resources": [str(unit["Nurse 1"].pk), str(unit["Chair 1"].pk)],
        "on": "2026-03-07",
        "opens": "08:00",
        "closes": "14:00",
    }
    assert desk(ada).post("/apheresis/open-days/new/", sent).status_code == 302
    assert OpenDay.objects.count() == 2
    again = desk(ada).post("/apheresis/open-days/new/", sent)
    assert again.status_code == 422
    assert "The resource already opens at this time" in text_of(again)
    assert "The resource already opens at this time" in text_of(
        desk(ada).post("/apheresis/open-days/new/", sent)
    )
    assert OpenDay.objects.count() == 2


def test_a_quota_is_entered_and_shown(story: Story, desk: Sit, ada: User) -> None:
    sent = {
        "per_week": "3",
        "product": "tisagenlecleucel",
        "referring_center": "",
        "valid_from": "2026-03-02",
    }
    assert desk(ada).post("/apheresis/quotas/new/", sent).status_code == 302
    page = text_of(desk(ada).get(RESOURCES))
    assert "3 a week" in page and "all referring centers" in page
    assert desk(ada).post("/apheresis/quotas/new/", sent | {"valid_to": "2026-03-01"}).status_code == 422
    desk(ada).post(reverse("leukapheresis:quota_remove", args=[Quota.objects.get().pk]))
    assert not Quota.objects.exists()


RESOURCE = {
    "kind": "nurse",
    "name": "Night nurse",
    "capacity": "1",
    "lead_time_hours": "0",
    "buffer_before_minutes": "15",
    "buffer_after_minutes": "30",
    "is_active": "on",
}


def test_an_administrator_adds_changes_and_sets_hours(
    story: Story, desk: Sit, omar: User, center: Center
) -> None:
    assert desk(omar).post(f"{RESOURCES}new/", RESOURCE).status_code == 302
    resource = Resource.objects.get(name="Night nurse")
    again = desk(omar).post(f"{RESOURCES}new/", RESOURCE)
    assert again.status_code == 422
    assert "already exists in this center" in text_of(again)
    path = reverse("leukapheresis:resource_change", args=[resource.pk])
    assert desk(omar).post(path, RESOURCE | {"name": "Nurse, nights", "kind": "chair"}).status_code == 302
    resource.refresh_from_db()
    assert (resource.name, resource.kind) == ("Nurse, nights", "nurse")
    hours = reverse("leukapheresis:hours_change", args=[resource.pk])
    typed = {"opens_0_0": "20:00", "closes_0_0": "08:00", "opens_1_0": "20:00", "closes_1_0": "08:00"}
    assert desk(omar).post(hours, typed).status_code == 302
    assert ResourceHours.objects.filter(resource=resource).count() == 2
    assert "Mon–Tue 20:00–08:00" in text_of(desk(omar).get(RESOURCES))
    assert desk(omar).post(hours, {"opens_0_0": "20:00"}).status_code == 422
    overlapping = {"opens_0_0": "08:00", "closes_0_0": "12:00", "opens_0_1": "11:00", "closes_0_1": "13:00"}
    assert desk(omar).post(hours, overlapping).status_code == 422
    said = text_of(desk(omar).get(f"{RESOURCES}history/"))
    assert "Night nurse → Nurse, nights" in said and "Mon–Tue 20:00–08:00" in said


def test_a_capacity_below_what_is_booked_is_refused_beside_the_field(
    story: Story, desk: Sit, omar: User, center: Center
) -> None:
    nurse = Resource.objects.create(center=center, kind="nurse", name="Nurses", capacity=2)
    story.booked(story.slot(machine="Machine 1"))
    story.booked(story.slot(machine="Machine 2"))
    changed = RESOURCE | {"name": nurse.name, "capacity": "1"}
    refused = desk(omar).post(reverse("leukapheresis:resource_change", args=[nurse.pk]), changed)
    assert refused.status_code == 422
    assert "More than that are booked already." in text_of(refused)
    nurse.refresh_from_db()
    assert nurse.capacity == 2


def test_coordinators_see_resources_but_only_administrators_change_them(
    story: Story, desk: Sit, ada: User, nina: User, omar: User, other_center: Center
) -> None:
    foreign = Resource.objects.create(center=other_center, kind="nurse", name="Theirs")
    assert "Add a resource" not in text_of(desk(ada).get(RESOURCES))
    assert "Enter a closure" not in text_of(desk(nina).get(RESOURCES))
    assert "Theirs" not in text_of(desk(omar).get(RESOURCES))
    path = reverse("leukapheresis:resource_change", args=[foreign.pk])
    assert desk(omar).get(path).status_code == 404
    assert desk(ada).get(path).status_code == 403
    day = OpenDay.objects.create(resource=foreign, on=date(2026, 3, 7), opens=time(8), closes=time(9))
    assert desk(omar).post(reverse("leukapheresis:open_day_remove", args=[day.pk])).status_code == 404
