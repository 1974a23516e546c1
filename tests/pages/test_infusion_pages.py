"""Lymphodepletion, checklist, identity, thaw and infusion, as they are worked at the bedside."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache

from cartpath.accounts.models import User
from infusion.models import ChecklistItem, IdentityCheck, Infusion, LymphodepletionDose, LymphodepletionWaiver
from infusion.selectors import checklist
from patients.enums import Stage
from tests.factories import PASSWORD, Story
from tests.pages.conftest import Desk, panel_of, text_of, typed_time

Sit = Callable[[User], Desk]
ITEM = "check_line"


def test_a_dose_is_recorded_beside_what_the_rule_gives(story: Story, desk: Sit, nina: User) -> None:
    story.released()
    story.later(days=1)
    path = desk(nina).path("infusion:lymphodepletion")
    page = text_of(desk(nina).get(path))
    # 30 mg/m² × 0.7498 m² by Mosteller for 18.4 kg and 110 cm.
    assert "22.5" in page
    assert "Mosteller" in page
    response = desk(nina).post(path, {"drug": "fludarabine", "dose_mg": "22.5"})
    assert (response.status_code, response["Location"]) == (302, panel_of(story, "infusion"))
    dose = LymphodepletionDose.objects.get()
    assert (float(dose.dose_mg or 0), dose.given_at) == (22.5, story.at)
    assert "Day 1" in text_of(desk(nina).get(path))


def test_an_unknown_dose_stays_unknown(story: Story, desk: Sit, nina: User) -> None:
    story.released()
    desk(nina).post(desk(nina).path("infusion:lymphodepletion"), {"drug": "fludarabine", "dose_mg": ""})
    assert LymphodepletionDose.objects.get().dose_mg is None


def test_only_a_clinician_goes_without_lymphodepletion_and_gives_a_reason(
    story: Story, desk: Sit, nina: User, ben: User
) -> None:
    story.released()
    path = desk(ben).path("infusion:waiver")
    assert desk(nina).post(path, {"reason": "Counts are low"}).status_code == 403
    assert desk(ben).post(path, {"reason": " "}).status_code == 422
    assert desk(ben).post(path, {"reason": "White cells 400/µL"}).status_code == 302
    assert LymphodepletionWaiver.objects.get().waived_by == "Ben"


def test_the_checklist_puts_hard_stops_first_and_counts_what_is_open(
    story: Story, desk: Sit, ben: User
) -> None:
    story.released()
    lines = checklist(story.journey, on=story.center.local_day(story.at))
    warning = next(line for line in lines if line.phase == "before_infusion" and not line.hard_stop)
    stop = [line for line in lines if line.phase == "before_infusion" and line.hard_stop][-1]
    page = text_of(desk(ben).get(desk(ben).path("infusion:checklist")))
    assert page.index(f'id="check-{stop.item}"') < page.index(f'id="check-{warning.item}"')
    assert f"{sum(line.hard_stop for line in lines)} hard stops open" in page


def test_a_verdict_pressed_with_htmx_gives_the_list_back(story: Story, desk: Sit, nina: User) -> None:
    story.released()
    path = desk(nina).path("infusion:checklist_item", ITEM)
    part = desk(nina).post(path, {"verdict": "met"}, hx_request="true")
    assert part.status_code == 200
    assert text_of(part).startswith('<div class="stack" id="checklist">')
    assert ChecklistItem.objects.get().checked_by == "Nina"


def test_a_verdict_pressed_without_scripts_leads_back_to_the_page(
    story: Story, desk: Sit, nina: User
) -> None:
    story.released()
    response = desk(nina).post(desk(nina).path("infusion:checklist_item", ITEM), {"verdict": "not_met"})
    assert (response.status_code, response["Location"]) == (302, desk(nina).path("infusion:checklist"))


def test_an_override_needs_a_reason_said_beside_the_item(story: Story, desk: Sit, ben: User) -> None:
    story.released()
    path = desk(ben).path("infusion:checklist_item", ITEM)
    refused = desk(ben).post(path, {"verdict": "overridden", "reason": " "}, hx_request="true")
    assert refused.status_code == 422
    assert f'id="reason-{ITEM}-error"' in text_of(refused)
    assert not ChecklistItem.objects.exists()
    typed = {"verdict": "overridden", "reason": "Filter removed by the pharmacy"}
    assert desk(ben).post(path, typed).status_code == 302
    assert ChecklistItem.objects.get().reason == "Filter removed by the pharmacy"


def test_an_item_the_protocol_does_not_have_is_refused(story: Story, desk: Sit, ben: User) -> None:
    story.released()
    response = desk(ben).post(desk(ben).path("infusion:checklist_item", "check_nothing"), {"verdict": "met"})
    assert response.status_code == 422


def signed(second: User, password: str = PASSWORD) -> dict[str, str]:
    return {"compared": "on", "second": second.email, "password": password}


@pytest.fixture
def identity_page(story: Story, desk: Sit, ben: User) -> str:
    """A product on site and its identity page; earlier wrong guesses are forgotten."""
    cache.clear()
    story.released()
    return desk(ben).path("infusion:identity")


def test_two_people_compare_what_stands_side_by_side_and_both_sign(
    identity_page: str, story: Story, desk: Sit, ben: User, nina: User
) -> None:
    page = text_of(desk(ben).get(identity_page))
    for shown in ("ROSSI, Giulia", "15-Jan-2021", story.journey.patient.mrn, "COI-", "LOT-"):
        assert shown in page
    assert desk(ben).post(identity_page, signed(nina)).status_code == 302
    check = IdentityCheck.objects.get()
    assert (check.first, check.second) == (ben, nina)


def test_one_person_can_not_sign_twice(identity_page: str, story: Story, desk: Sit, ben: User) -> None:
    page = desk(ben).post(identity_page, signed(ben))
    assert page.status_code == 422
    assert "A second, different person signs." in text_of(page)
    assert not IdentityCheck.objects.exists()


def test_a_wrong_password_signs_nothing_and_is_not_shown_again(
    identity_page: str, story: Story, desk: Sit, ben: User, nina: User
) -> None:
    page = desk(ben).post(identity_page, signed(nina, "not-the-password"))
    assert page.status_code == 422
    text = text_of(page)
    assert nina.email in text
    assert "not-the-password" not in text
    assert not IdentityCheck.objects.exists()


def test_somebody_of_another_center_or_role_can_not_be_the_second(
    identity_page: str, story: Story, desk: Sit, ben: User, cleo: User, ada: User
) -> None:
    for stranger in (cleo, ada):
        page = desk(ben).post(identity_page, signed(stranger))
        assert page.status_code == 422
    assert not IdentityCheck.objects.exists()


def test_a_switched_off_account_can_not_sign(
    identity_page: str, story: Story, desk: Sit, ben: User, nina: User
) -> None:
    User.objects.filter(pk=nina.pk).update(is_active=False)
    assert desk(ben).post(identity_page, signed(nina)).status_code == 422
    assert not IdentityCheck.objects.exists()


def test_guessing_the_second_password_is_stopped(
    identity_page: str, story: Story, desk: Sit, ben: User, nina: User
) -> None:
    for _guess in range(5):
        desk(ben).post(identity_page, signed(nina, "a guess"))
    assert desk(ben).post(identity_page, signed(nina)).status_code == 422
    assert not IdentityCheck.objects.exists()


def test_signing_second_does_not_sign_that_person_in(
    identity_page: str, story: Story, desk: Sit, ben: User, nina: User
) -> None:
    response = desk(ben).post(identity_page, signed(nina))
    session = response.wsgi_request.session  # type: ignore[attr-defined]
    assert session["_auth_user_id"] == str(ben.pk)


def test_the_thaw_shows_until_when_the_infusion_must_end(
    identity_page: str, story: Story, desk: Sit, ben: User, nina: User, luca: User
) -> None:
    thaw = desk(luca).path("infusion:thaw")
    assert desk(luca).post(thaw).status_code == 422
    desk(ben).post(identity_page, signed(nina))
    assert desk(luca).post(thaw).status_code == 302
    story.later(minutes=12)
    timer = text_of(desk(ben).get(desk(ben).path("infusion:timer")))
    assert "18 minutes left" in timer
    assert "every 15s" in timer
    story.later(minutes=19)
    over = text_of(desk(ben).get(desk(ben).path("infusion:timer")))
    assert "The time since the thaw is over" in over
    assert "every 15s" not in over


def test_the_infusion_is_recorded_in_the_centers_zone_and_is_day_zero(
    story: Story, desk: Sit, ben: User
) -> None:
    story.ready()
    started = story.later(minutes=10).astimezone(story.center.zone).replace(second=0, microsecond=0)
    typed = {"started_at": typed_time(started), "dose_cells": "50"}
    path = desk(ben).path("infusion:infusion")
    assert "Within the rule" in text_of(desk(ben).get(path))
    assert desk(ben).post(path, typed).status_code == 302
    assert (Infusion.objects.get().started_at, story.journey.infused_at) == (started, started)


def test_a_dose_outside_the_rule_needs_a_reason(story: Story, desk: Sit, ben: User) -> None:
    story.ready()
    started = typed_time(story.later(minutes=10).astimezone(story.center.zone))
    path = desk(ben).path("infusion:infusion")
    refused = desk(ben).post(path, {"started_at": started, "dose_cells": "900"})
    assert refused.status_code == 422
    assert "more than the permitted" in text_of(refused)
    assert story.journey.stage == Stage.LYMPHODEPLETION


def test_an_open_hard_stop_is_named_and_keeps_the_infusion_back(story: Story, desk: Sit, ben: User) -> None:
    story.ready()
    desk(ben).post(desk(ben).path("infusion:checklist_item", ITEM), {"verdict": "not_met"})
    path = desk(ben).path("infusion:infusion")
    label = "Latex-free line without a leukodepleting filter"
    assert label in text_of(desk(ben).get(path))
    started = typed_time(story.later(minutes=10).astimezone(story.center.zone))
    refused = desk(ben).post(path, {"started_at": started, "dose_cells": "50"})
    assert refused.status_code == 422
    assert f"Still open on the checklist: {label}" in text_of(refused)


def test_an_infusion_that_has_not_happened_is_refused(story: Story, desk: Sit, ben: User) -> None:
    story.ready()
    soon = typed_time((story.at + timedelta(hours=1)).astimezone(story.center.zone))
    refused = desk(ben).post(desk(ben).path("infusion:infusion"), {"started_at": soon, "dose_cells": "50"})
    assert refused.status_code == 422
    assert story.journey.infused_at is None


def test_an_infusion_typed_in_the_minute_of_the_thaw_is_taken(
    identity_page: str, story: Story, desk: Sit, ben: User, nina: User, luca: User
) -> None:
    desk(ben).post(identity_page, signed(nina))
    for line in checklist(story.journey, on=story.center.local_day(story.at)):
        desk(ben).post(desk(ben).path("infusion:checklist_item", line.item), {"verdict": "met"})
    desk(ben).post(desk(ben).path("infusion:waiver"), {"reason": "White cells 400/µL"})
    story.later(seconds=40)
    desk(luca).post(desk(luca).path("infusion:thaw"))
    typed = {"started_at": typed_time(story.at.astimezone(story.center.zone)), "dose_cells": "50"}
    path = desk(ben).path("infusion:infusion")
    earlier = typed_time((story.at - timedelta(minutes=5)).astimezone(story.center.zone))
    refused = desk(ben).post(path, typed | {"started_at": earlier})
    assert refused.status_code == 422
    assert 'id="id_started_at_error"' in text_of(refused)
    assert desk(ben).post(path, typed).status_code == 302
