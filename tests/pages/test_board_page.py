"""The board: who stands where, for how long, what is next and what to look out for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.web.selectors import board as boards
from cartpath.web.selectors.board import Card
from manufacturing.inputs import BatchDetails, Deviation
from manufacturing.services import out_of_specification_report
from patients.enums import Stage
from patients.inputs import TreatmentDetails
from patients.referrals import referral_defer
from patients.services import journey_close, treatment_record
from tests.factories import Story, patient_details
from tests.pages.conftest import Desk, text_of
from toxicity.grading.crs import CrsInput

Sit = Callable[[User], Desk]


def cards(desk: Desk, query: str = "") -> dict[str, list[Card]]:
    found: Any = desk.get(f"/board/{query}").context["board"]
    return {column.stage.value: list(column.cards) for column in found.columns if column.cards}


def only_card(desk: Desk, query: str = "") -> Card:
    ((card,),) = cards(desk, query).values()
    return card


def treated(story: Story, *, drug_class: str = "cytotoxic", last_dose: date | None = None) -> None:
    details = TreatmentDetails(drug="cyclophosphamide", drug_class=drug_class, last_dose=last_dose)
    treatment_record(journey_id=story.journey_id, treatment=details, by=story.coordinator.actor, at=story.at)


def test_every_child_stands_in_the_column_of_its_stage(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    story.accepted()
    found = cards(desk(ada))
    assert {stage: len(each) for stage, each in found.items()} == {"referred": 1, "accepted": 1}


def test_a_card_says_who_how_heavy_and_since_when(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    story.later(days=3)
    card = only_card(desk(ada))
    assert (card.family_name, card.given_name, float(card.weight_kg)) == ("Rossi", "Giulia", 18.4)
    assert (card.days, card.expected, card.share) == (3, 7, 43)
    assert (card.product, card.label, card.due_state) == ("Tisagenlecleucel", "Leukapheresis booked", "due")
    page = text_of(desk(ada).get("/board/"))
    assert "3 of 7 d" in page
    assert reverse("web:journey", args=[story.journey_id]) in page


def test_a_weight_that_nobody_took_is_unknown(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    assert only_card(desk(ada)).weight_kg is None
    assert '<span class="unknown">unknown</span>' in text_of(desk(ada).get("/board/"))


def test_a_child_is_late_once_something_is_overdue(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    story.later(days=7)
    assert not only_card(desk(ada)).is_late
    story.later(days=1)
    card = only_card(desk(ada))
    assert (card.due_state, card.is_slow, card.is_late) == ("overdue", True, True)


def test_a_deferred_referral_waits_for_its_own_date(story: Story, desk: Sit, ada: User, ben: User) -> None:
    story.referred()
    review_on = story.at.date() + timedelta(days=30)
    referral_defer(
        journey_id=story.journey_id, reason="Infection.", review_on=review_on, by=ben.actor, at=story.at
    )
    story.later(days=20)
    card = only_card(desk(ada))
    assert (card.expected, card.is_late) == (None, False)


def test_the_filter_for_lateness_leaves_the_late(story: Story, desk: Sit, ada: User) -> None:
    story.referred(patient=patient_details(family_name="Bianchi"))
    story.later(days=10)
    story.referred()
    assert only_card(desk(ada), "?late=1").family_name == "Bianchi"


def test_mine_are_those_whose_next_step_is_my_roles(story: Story, desk: Sit, ada: User, ben: User) -> None:
    story.referred()
    story.accepted()
    assert set(cards(desk(ada), "?mine=1")) == {"accepted"}
    assert set(cards(desk(ben), "?mine=1")) == {"referred"}


def test_the_product_narrows_the_board_and_an_unknown_one_is_ignored(
    story: Story, desk: Sit, ada: User
) -> None:
    story.referred()
    story.referred(product="brexucabtagene")
    assert len(cards(desk(ada), "?product=brexucabtagene")["referred"]) == 1
    assert len(cards(desk(ada), "?product=none-such")["referred"]) == 2


def test_filters_keep_each_other(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    toggles = desk(ada).get("/board/?product=tisagenlecleucel&late=1").context["toggles"]
    assert toggles["mine"] == "/board/?product=tisagenlecleucel&mine=1&late=1"
    assert toggles["late"] == "/board/?product=tisagenlecleucel"


def test_an_open_washout_is_warned_of_until_it_ends(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    treated(story, last_dose=story.at.date() - timedelta(days=4))
    (warning,) = only_card(desk(ada)).warnings
    assert warning.text == "Washout until 13-Mar"
    story.later(days=14)
    assert only_card(desk(ada)).warnings == ()


def test_a_washout_that_ends_before_the_booked_slot_is_no_warning(story: Story, desk: Sit, ada: User) -> None:
    story.booked(story.slot(in_days=12))
    treated(story, last_dose=story.at.date() - timedelta(days=4))
    assert only_card(desk(ada)).warnings == ()


def test_a_last_dose_that_nobody_knows_is_an_unknown_washout(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    treated(story)
    (warning,) = only_card(desk(ada)).warnings
    assert warning.text == "Washout unknown"


def test_a_product_out_of_specification_is_warned_of(story: Story, desk: Sit, ada: User, luca: User) -> None:
    story.manufacturing()
    out_of_specification_report(
        journey_id=story.journey_id,
        batch=BatchDetails(lot="L-1"),
        deviation=Deviation(parameter="viability", value="71 %", limit="80 %"),
        by=luca.actor,
        at=story.later(days=20),
    )
    assert [warning.text for warning in only_card(desk(ada)).warnings] == ["Out of specification"]


def test_grades_from_2_are_warned_of_and_grade_1_is_not(story: Story, desk: Sit, nina: User) -> None:
    story.infused()
    story.assessed(crs=CrsInput(temperature_c=39.0))
    assert only_card(desk(nina)).warnings == ()
    story.assessed(crs=CrsInput(temperature_c=39.0, hypotension=True))
    (warning,) = only_card(desk(nina)).warnings
    assert (warning.text, warning.grade) == ("CRS", 2)
    assert only_card(desk(nina)).day == 1


def test_thirty_children_cost_no_more_queries_than_one(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    one = desk(ada).queries("/board/")
    for _child in range(29):
        story.referred()
    assert desk(ada).queries("/board/") == one
    assert desk(ada).queries("/board/?late=1&mine=1") == one


def test_a_long_column_ends_with_a_link_to_the_list(
    story: Story, desk: Sit, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "COLUMN_LIMIT", 2)
    for _child in range(5):
        story.referred()
    page = text_of(desk(ada).get("/board/"))
    assert "3 children more" in page
    assert "5 children" in page
    assert "3 children more" not in text_of(desk(ada).get("/board/referred/"))


def test_closed_journeys_are_counted_and_listed_apart(story: Story, desk: Sit, ada: User, ben: User) -> None:
    story.referred()
    journey_close(
        journey_id=story.journey_id, reason_code="withdrawn", note="Moved.", by=ben.actor, at=story.at
    )
    response = desk(ada).get("/board/")
    assert response.context["board"].closed == 1
    assert response.context["board"].total == 0
    listed = text_of(desk(ada).get("/board/closed/"))
    assert "Withdrawn by the family" in listed
    assert desk(ada).get("/board/nowhere/").status_code == 404


def test_another_center_has_another_board(story: Story, desk: Sit, cleo: User) -> None:
    story.referred()
    assert cards(desk(cleo)) == {}
    assert "Rossi" not in text_of(desk(cleo).get("/board/referred/"))


def test_the_share_of_the_expected_days_never_exceeds_the_whole() -> None:
    blank: Any = dict.fromkeys(Card.__dataclass_fields__)
    card = Card(**blank | {"days": 30, "expected": 7, "warnings": ()})
    assert card.share == 100
    assert replace(card, expected=None).share == 0
    assert list(boards.STAGES) == [stage for stage in Stage if stage != Stage.CLOSED]
