"""The administrator sees what failed and can try it again, and learns nothing about a child."""

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.reminders.enums import DeliveryState
from cartpath.reminders.models import Delivery
from tests.reminders.conftest import Clock, Refer, unsendable

pytestmark = pytest.mark.django_db


def test_deliveries_that_failed_are_listed_and_tried_again(
    refer: Refer, clock: Clock, client: Client
) -> None:
    reminder = refer()
    clock.run()
    failed = Delivery.objects.get(channel="email")
    with unsendable("delivery"):
        Delivery.objects.filter(pk=failed.pk).update(
            state="failed", sent_at=None, problem="SMTPDataError 550"
        )
    client.force_login(User.objects.create_superuser("root@a.example", "x", name="Root"))
    url = reverse("admin:reminders_delivery_changelist")
    page = client.get(url, {"state__exact": "failed"}).content.decode()
    assert "SMTPDataError 550" in page
    assert reminder.patient.mrn not in page
    assert reminder.patient.family_name not in page
    with time_machine.travel(clock.later(minutes=5), tick=False):
        client.post(url, {"action": "try_again", "_selected_action": [str(failed.pk)]})
    clock.run()
    failed.refresh_from_db()
    assert failed.state == DeliveryState.SENT
    assert len(mail.outbox) == 2


def test_nobody_writes_deliveries_by_hand(refer: Refer, clock: Clock, client: Client) -> None:
    refer()
    clock.run()
    client.force_login(User.objects.create_superuser("root@a.example", "x", name="Root"))
    assert client.get(reverse("admin:reminders_delivery_add")).status_code == 403
    delivery = Delivery.objects.earliest("planned_at")
    assert client.post(reverse("admin:reminders_delivery_delete", args=[delivery.pk])).status_code == 403
