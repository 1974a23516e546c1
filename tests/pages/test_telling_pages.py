"""When and through what people are told: hours, absences, programs, what failed, and the house."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from cartpath.accounts.models import Center, User
from cartpath.reminders.models import Absence, CenterTelling, Delivery, Reminder, WebhookTarget
from cartpath.reminders.services import heartbeat_record
from leukapheresis.feeds.services import feed_make
from leukapheresis.models import CalendarFeed
from tests.conftest import person
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
TELLING = "/center/telling/"


def delivery(story: Story, user: User | None, **more: object) -> Delivery:
    """A delivery about the decision on a referral."""
    found = {
        "id": uuid4(),
        "reminder": Reminder.objects.get(item="referral_decision"),
        "recipient": user,
        "channel": "in_app",
        "role": "clinician",
        "state": "sent",
        "planned_at": story.at,
        "next_try_at": story.at,
        "meant_at": story.at,
    }
    made = found | more
    if made["state"] == "sent":
        made.setdefault("sent_at", story.at)
    return Delivery.objects.create(**made)


def failed(story: Story, user: User | None, **more: object) -> Delivery:
    return delivery(
        story, user, channel="email", state="failed", problem="SMTPDataError 550", attempts=5, **more
    )


def test_an_administrator_keeps_the_hours_and_a_refusal_says_why(story: Story, desk: Sit, omar: User) -> None:
    page = text_of(desk(omar).get(TELLING))
    assert 'value="21:00"' in page
    typed = {"quiet_from": "22:00", "quiet_until": "06:30", "digest_at": "07:00"}
    assert desk(omar).post(TELLING, typed).status_code == 302
    kept = CenterTelling.objects.get()
    assert (kept.quiet_from.hour, kept.quiet_until.minute) == (22, 30)
    refused = desk(omar).post(TELLING, typed | {"digest_at": "23:00"})
    assert refused.status_code == 422
    assert "The digest would go in the quiet hours." in text_of(refused)


def test_the_ladder_is_read_with_its_source(story: Story, desk: Sit, omar: User) -> None:
    response = desk(omar).get(TELLING)
    assert [rung.row.up_to_priority for rung in response.context["ladder"]]
    assert all(rung.sources for rung in response.context["ladder"])


def test_a_program_gets_a_secret_once_and_nothing_after_it_was_revoked(
    story: Story, desk: Sit, omar: User
) -> None:
    typed = {"name": "pagers", "url": "https://pager.hospital.example/cartpath", "up_to_priority": "1"}
    made = desk(omar).post(reverse("web:webhook_new"), typed)
    assert made.status_code == 201
    hook = WebhookTarget.objects.get()
    assert hook.secret in text_of(made)
    listed = text_of(desk(omar).get(TELLING))
    assert "pager.hospital.example" in listed
    assert hook.secret not in listed
    desk(omar).post(reverse("web:webhook_revoke", args=[hook.pk]))
    hook.refresh_from_db()
    assert not hook.is_active
    assert "pager.hospital.example" not in text_of(desk(omar).get(TELLING))


def test_a_program_on_plain_http_is_refused(story: Story, desk: Sit, omar: User, settings: Any) -> None:
    settings.WEBHOOKS_MAY_STAY_HERE = False
    typed = {"name": "pagers", "url": "http://pager.hospital.example/", "up_to_priority": "1"}
    refused = desk(omar).post(reverse("web:webhook_new"), typed)
    assert refused.status_code == 422
    assert "Only an https address" in text_of(refused)


def test_what_was_set_aside_is_tried_again_one_by_one_or_all(
    story: Story, desk: Sit, omar: User, ben: User, cara: User
) -> None:
    story.referred()
    one, other = failed(story, ben), failed(story, cara)
    page = text_of(desk(omar).get(TELLING))
    assert "SMTPDataError 550" in page
    assert "Rossi" not in page
    desk(omar).post(reverse("web:deliveries_retry"), {"delivery": str(one.pk)})
    assert Delivery.objects.get(pk=one.pk).state == "intended"
    assert Delivery.objects.get(pk=other.pk).state == "failed"
    Reminder.objects.update(problem="ValueError")
    assert "1 reminder that met an error" in text_of(desk(omar).get(TELLING))
    desk(omar).post(reverse("web:deliveries_retry"))
    assert Delivery.objects.get(pk=other.pk).state == "intended"
    assert not Reminder.objects.set_aside().exists()


def test_another_center_s_failures_and_programs_are_out_of_reach(
    story: Story, desk: Sit, omar: User, ben: User, other_center: Center
) -> None:
    story.referred()
    mine = failed(story, ben)
    stranger = person("otto@b.example", "Otto", "administrator", other_center)
    hook = WebhookTarget.objects.create(
        center=story.center,
        name="pagers",
        url="https://x.example/",
        secret="s",
        up_to_priority=1,
        made_at=story.at,
        made_by="Omar",
    )
    desk(stranger).post(reverse("web:deliveries_retry"), {"delivery": str(mine.pk)})
    assert Delivery.objects.get(pk=mine.pk).state == "failed"
    assert desk(stranger).post(reverse("web:webhook_revoke", args=[hook.pk])).status_code == 404


def test_only_administrators_enter(story: Story, desk: Sit, ada: User, dana: User) -> None:
    for user in (ada, dana):
        for name in ("telling", "webhook_new", "center_addresses"):
            assert desk(user).get(reverse(f"web:{name}")).status_code == 403
        assert desk(user).post(reverse("web:deliveries_retry")).status_code == 403


def test_a_person_enters_days_away_and_comes_back_early(
    story: Story, desk: Sit, ben: User, cara: User
) -> None:
    new = reverse("web:absence_new")
    assert "Cara" in text_of(desk(ben).get(new))
    first, last = story.at.date(), story.at.date() + timedelta(days=4)
    typed = {"first_on": str(first), "last_on": str(last), "substitute": str(cara.pk)}
    assert desk(ben).post(new, typed).status_code == 302
    absence = Absence.objects.get()
    assert (absence.user, absence.substitute) == (ben, cara)
    page = text_of(desk(ben).get("/mine/"))
    assert "told instead: Cara" in page
    assert "Away this week" in text_of(desk(cara).get("/mine/"))
    again = desk(ben).post(new, typed)
    assert again.status_code == 422
    assert "entered already" in text_of(again)
    desk(ben).post(reverse("web:absence_end", args=[absence.pk]))
    absence.refresh_from_db()
    assert absence.ended_at == story.at
    assert "Away this week" not in text_of(desk(cara).get("/mine/"))


def test_only_they_and_an_administrator_end_an_absence(
    story: Story, desk: Sit, ben: User, cara: User, omar: User, cleo: User
) -> None:
    new = reverse("web:absence_new")
    day = str(story.at.date())
    desk(omar).post(new, {"user": str(ben.pk), "first_on": day, "last_on": day, "substitute": ""})
    absence = Absence.objects.get()
    assert (absence.user, absence.added_by) == (ben, "Omar")
    for user in (cara, cleo):
        assert desk(user).post(reverse("web:absence_end", args=[absence.pk])).status_code == 404
    desk(omar).post(reverse("web:absence_end", args=[absence.pk]))
    absence.refresh_from_db()
    assert absence.ended_by == "Omar"


def test_nobody_enters_an_absence_of_somebody_else(story: Story, desk: Sit, ben: User, cara: User) -> None:
    day = str(story.at.date())
    typed = {"user": str(cara.pk), "first_on": day, "last_on": day, "substitute": ""}
    desk(ben).post(reverse("web:absence_new"), typed)
    assert Absence.objects.get().user == ben


def test_an_administrator_revokes_the_address_of_a_lost_phone(
    story: Story, desk: Sit, omar: User, ada: User, cleo: User
) -> None:
    made = feed_make(user=ada, name="my phone", at=story.at)
    feed_make(user=cleo, name="their phone", at=story.at)
    page = text_of(desk(omar).get(reverse("web:center_addresses")))
    assert "my phone" in page
    assert "their phone" not in page
    answer = desk(omar).post(reverse("leukapheresis:address_revoke", args=[made.feed.pk]), {"center": "1"})
    assert answer["Location"] == reverse("web:center_addresses")
    assert CalendarFeed.objects.get(pk=made.feed.pk).revoked_by == "Omar"


def test_the_house_shows_the_machinery_in_figures(story: Story, desk: Sit, omar: User, ben: User) -> None:
    story.referred()
    delivery(story, ben)
    delivery(story, ben, channel="email", state="intended", attempts=2, problem="SMTPDataError 451")
    failed(story, None)
    story.later(minutes=90)
    heartbeat_record(name="scheduler", at=story.at - timedelta(minutes=2))
    response = desk(omar).get("/")
    watch = response.context["watch"]
    assert (watch.sent_today, watch.waiting, watch.retrying, watch.failed) == (1, 1, 1, 1)
    assert watch.untold == 1
    assert watch.oldest_at is not None
    page = text_of(response)
    assert "Its last sign of life was 2 min ago." in page
    assert f"{TELLING}#set-aside" in page


def test_a_silent_scheduler_says_since_when_and_what_to_do(
    story: Story, desk: Sit, omar: User, ben: User
) -> None:
    story.referred()
    assert "It has never given a sign of life" in text_of(desk(ben).get("/"))
    heartbeat_record(name="scheduler", at=story.at)
    story.later(minutes=8)
    page = text_of(desk(ben).get("/"))
    assert "No reminder has been sent since 02-Mar-2026 12:00 (8 min ago)." in page
    assert "tell your administrator" in page
    assert "Start the scheduler and the workers again." in text_of(desk(omar).get("/"))


def test_a_notice_says_why_it_came_to_this_person(
    story: Story, desk: Sit, ben: User, cara: User, omar: User
) -> None:
    story.referred()
    Reminder.objects.update(ladder=[[24, "clinician"]])
    late = story.at - timedelta(hours=2)
    delivery(story, ben, rung=1, step=1, meant_at=late, stands_in_for=cara)
    page = text_of(desk(ben).get("/notices/"))
    assert "passed on to you: not done by Clinician 24 h after its window" in page
    assert "you stand in for Cara" in page
    assert "told late: it was meant for 02-Mar-2026 10:00" in page
    delivery(story, omar, role="administrator", is_fallback=True)
    assert "nobody who holds the role is there" in text_of(desk(omar).get("/notices/"))


@pytest.mark.parametrize("path", [TELLING, "/mine/", "/"])
def test_a_page_costs_the_same_however_much_there_is(
    path: str, story: Story, desk: Sit, omar: User, ben: User, cara: User
) -> None:
    story.referred()
    few = desk(omar).queries(path)
    for user in (ben, cara):
        failed(story, user)
        Absence.objects.create(
            user=user,
            center=story.center,
            first_on=story.at.date(),
            last_on=story.at.date(),
            added_at=story.at,
            added_by="Omar",
        )
        WebhookTarget.objects.create(
            center=story.center,
            name=user.name,
            url="https://x.example/",
            secret="s",
            up_to_priority=1,
            made_at=story.at,
            made_by="Omar",
        )
    assert desk(omar).queries(path) <= few + 1
