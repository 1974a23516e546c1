"""What is put right after a day of collection, and the bags its cells are frozen in."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from leukapheresis.collection_bags import bag_change, bags_strike
from leukapheresis.enums import BagState
from leukapheresis.inputs import AdverseEventDetails
from leukapheresis.models import Collection, CollectionDay, CryoBag
from leukapheresis.progress import progress
from leukapheresis.selectors import collection_days
from leukapheresis.services import (
    collection_day_correct,
    collection_day_record,
    collection_day_strike,
)
from patients.results import RuleResult
from tests.collecting import (
    BILLION,
    DIN,
    GOOD,
    POOR,
    WHOLE,
    bag,
    complete,
    details,
    frozen,
    last,
    record,
    verified,
)
from tests.factories import Story

# --- Correction --------------------------------------------------------------------------------------------


def test_a_struck_day_leaves_the_totals_of_the_others(story: Story) -> None:
    story.booked()
    record(story, decision="again", **POOR)
    wrong = record(story, days=1, decision="again", tnc=9 * BILLION, cd3=8 * BILLION)
    record(story, days=1, **GOOD)
    collection_day_strike(
        day_id=wrong.pk, reason="Another child.", by=story.nurse.actor, at=story.later(hours=1)
    )
    added = progress(story.journey, at=story.at).totals
    assert (added.days, added.tnc, added.cd3) == (2, 6_500_000_000, 2_800_000_000)
    assert [day.number for day in collection_days(story.journey_id)] == [1, 3]
    struck = RuleResult.objects.filter(event_id=wrong.event_id)
    assert all(result.struck_at for result in struck)
    with pytest.raises(Conflict):
        collection_day_strike(day_id=wrong.pk, reason="Again.", by=story.nurse.actor, at=story.at)


def test_a_struck_day_in_between_can_be_recorded_anew_under_its_number(story: Story) -> None:
    story.booked()
    record(story, decision="again", **POOR)
    wrong = record(story, days=1, decision="again")
    record(story, days=1, **GOOD)
    collection_day_strike(day_id=wrong.pk, reason="Wrong bag.", by=story.nurse.actor, at=story.later(hours=1))
    collection_day_record(
        journey_id=story.journey_id, day=details(**POOR), by=story.nurse.actor, at=wrong.started_at
    )
    assert [day.number for day in collection_days(story.journey_id)] == [1, 2, 3]


def test_a_completed_collection_is_summed_and_judged_anew_after_a_strike(story: Story) -> None:
    story.booked()
    record(story, decision="again", **POOR)
    wrong = record(story, days=1, **GOOD)
    complete(story)
    collection_day_strike(
        day_id=wrong.pk, reason="Another child's bag.", by=story.nurse.actor, at=story.later(hours=1)
    )
    whole = Collection.objects.get()
    assert (whole.days, whole.tnc_total, whole.is_accepted) == (1, 900_000_000, False)
    assert whole.decision_reason == "Another child's bag."
    told = last(story, "entered_in_error").data
    assert (told["days"], told["accepted"]) == (1, False)
    assert told["computed"][0]["rule"] == "collection_acceptance"


def test_the_only_day_of_a_completed_collection_is_corrected_not_struck(story: Story) -> None:
    story.collected()
    row = CollectionDay.objects.get()
    with pytest.raises(Conflict) as error:
        collection_day_strike(day_id=row.pk, reason="Wrong.", by=story.nurse.actor, at=story.at)
    assert error.value.code == "only_day"
    collection_day_correct(
        day_id=row.pk,
        day=details(tnc=2_500_000_000, cd3=1_500_000_000, din=DIN),
        started_at=row.started_at,
        reason="The laboratory's second report.",
        by=story.lab.actor,
        at=story.later(hours=1),
    )
    whole = Collection.objects.get()
    assert (whole.tnc_total, whole.cd3_total, whole.is_accepted) == (2_500_000_000, 1_500_000_000, True)
    assert CollectionDay.objects.get().din == DIN
    assert list(
        Event.objects.filter(journey_id=story.journey_id).order_by("-seq").values_list("kind", flat=True)[:2]
    ) == ["entered_in_error", "collection_day_corrected"]
    assert verify(story.journey_id).breaks == []


def test_a_correction_keeps_number_identity_and_order(story: Story) -> None:
    story.booked()
    check = verified(story)
    row = record(story, decision="again", **POOR)
    second = record(story, days=1)
    fixed = collection_day_correct(
        day_id=row.pk,
        day=details(decision="again", weight_kg=18.0, adverse=(AdverseEventDetails(kind="bleeding"),)),
        started_at=row.started_at + timedelta(minutes=10),
        reason="Start misread.",
        by=story.nurse.actor,
        at=story.at,
    )
    assert (fixed.number, fixed.identity, fixed.adverse.get().kind) == (1, check, "bleeding")
    with pytest.raises(Invalid):
        collection_day_correct(
            day_id=row.pk,
            day=details(),
            started_at=second.started_at + timedelta(hours=1),
            reason="Later than day 2.",
            by=story.nurse.actor,
            at=story.later(hours=2),
        )


def test_a_correction_says_why(story: Story) -> None:
    story.collected()
    row = CollectionDay.objects.get()
    with pytest.raises(Invalid) as error:
        collection_day_correct(
            day_id=row.pk,
            day=details(),
            started_at=row.started_at,
            reason=" ",
            by=story.nurse.actor,
            at=story.at,
        )
    assert set(error.value.fields) == {"reason"}


# --- Bags --------------------------------------------------------------------------------------------------


def test_bags_carry_the_donation_number_division_and_expiry(story: Story) -> None:
    story.booked()
    record(story, din=DIN, product_volume_ml=60)
    first, second = frozen(story, bag("A0"), bag("B0"))
    assert (first.din, first.division, second.division, first.collection_type) == (DIN, "A0", "B0", "1")
    # Thirty calendar months from the collection of March 2026.
    assert first.expires_on == date(2028, 9, story.center.local_day(first.day.started_at).day)
    stored = RuleResult.objects.filter(rule__in=["collection_expiry", "bag_concentration"])
    assert sorted(stored.values_list("rule", "value")) == [
        ("bag_concentration", "0.8"),
        ("bag_concentration", "0.8"),
        ("collection_expiry", first.expires_on.isoformat()),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"volume_ml": 40.1}, "volume_ml"),
        ({"tnc": 3_600_000_001}, "tnc"),
        ({"cd3": 1_600_000_001}, "cd3"),
        ({"division": "A0"}, "division"),
        ({"division": "00"}, "division"),
        ({"division": "a0"}, "division"),
        ({"product_code": "s1234"}, "product_code"),
    ],
)
def test_bags_hold_no_more_than_the_day_brought(story: Story, changes: dict[str, Any], field: str) -> None:
    story.booked()
    record(story, din=DIN, product_volume_ml=60)
    with pytest.raises(Invalid) as error:
        frozen(story, bag("A0"), bag(**{"division": "B0"} | changes))
    assert field in error.value.fields
    assert not CryoBag.objects.exists()


def test_bags_may_hold_exactly_what_the_day_brought(story: Story) -> None:
    story.booked()
    record(story, din=DIN, product_volume_ml=60)
    frozen(story, bag("A0"), bag("B0", volume_ml=40.0, tnc=3_600_000_000, cd3=1_600_000_000))
    with pytest.raises(Invalid):
        frozen(story, bag("C0", volume_ml=0.1, tnc=None, cd3=None))


def test_bags_need_the_donation_number(story: Story) -> None:
    story.booked()
    record(story)
    with pytest.raises(Conflict) as error:
        frozen(story, bag())
    assert error.value.code == "no_din"


def test_a_day_with_bags_is_struck_after_its_bags(story: Story) -> None:
    story.booked()
    row = record(story, din=DIN, product_volume_ml=60)
    first, _second = frozen(story, bag("A0"), bag("B0"))
    with pytest.raises(Conflict) as error:
        collection_day_strike(day_id=row.pk, reason="Wrong.", by=story.nurse.actor, at=story.at)
    assert error.value.code == "bags_exist"
    bags_strike(bag_id=first.pk, reason="Wrong.", by=story.lab.actor, at=story.later(hours=1))
    assert not CryoBag.objects.filter(struck_at=None).exists()
    collection_day_strike(day_id=row.pk, reason="Wrong.", by=story.nurse.actor, at=story.later(hours=1))
    assert progress(story.journey, at=story.at).days == []


def test_a_correction_below_what_the_bags_hold_is_refused(story: Story) -> None:
    story.booked()
    row = record(story, din=DIN, product_volume_ml=60)
    frozen(story, bag("A0"))
    with pytest.raises(Conflict) as error:
        collection_day_correct(
            day_id=row.pk,
            day=details(tnc=1_900_000_000, cd3=BILLION, din=DIN),
            started_at=row.started_at,
            reason="Lower.",
            by=story.lab.actor,
            at=story.later(hours=1),
        )
    assert (error.value.code, set(error.value.fields)) == ("more_in_bags", {"tnc"})


def test_a_bag_is_sent_once_and_discarded_only_with_a_reason(story: Story) -> None:
    story.booked()
    record(story, din=DIN, product_volume_ml=60)
    first, second = frozen(story, bag("A0"), bag("B0"))
    act = {"by": story.lab.actor, "at": story.later(hours=1)}
    assert bag_change(bag_id=first.pk, state="shipped", note="", **act).state == BagState.SHIPPED
    with pytest.raises(Conflict):
        bag_change(bag_id=first.pk, state="discarded", note="Late.", **act)
    with pytest.raises(Invalid):
        bag_change(bag_id=second.pk, state="discarded", note=" ", **act)


def test_a_correction_is_replaced_in_full(story: Story) -> None:
    story.booked()
    row = record(story, **WHOLE)
    emptied = collection_day_correct(
        day_id=row.pk,
        day=replace(details(), tnc=None, cd3=None),
        started_at=row.started_at,
        reason="All of another child.",
        by=story.nurse.actor,
        at=story.later(hours=1),
    )
    assert (emptied.tnc, emptied.din, emptied.weight_kg) == (None, "", None)
