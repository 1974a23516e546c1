"""Check, thaw, start and end of each bag: two people, in order, and day 0 by the first bag alone."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.accounts.models import User
from cartpath.core.errors import DomainError, Invalid
from cartpath.ledger.models import Event
from infusion.bedside.around import (
    premedication_give,
    premedication_strike,
    reaction_record,
    reaction_strike,
)
from infusion.bedside.checking import Signed, bag_sign
from infusion.bedside.comparing import bedside_scan
from infusion.bedside.giving import bag_end, bag_end_strike, bag_start, bag_start_strike, bag_thaw
from infusion.bedside.inputs import BagEnd, BagStart, PremedicationDetails, ReactionDetails, Scan
from infusion.bedside.pictures import bedside_picture
from infusion.inputs import InfusionDetails
from infusion.models import BagInfusion, Infusion
from infusion.services import identity_verify, infusion_record, thaw_start
from manufacturing.custody.breaks import quarantine_set
from manufacturing.models import CustodyItem, ScanStop
from patients.enums import Stage
from tests.factories import Story
from tests.infusing import at_bedside, bags_added, checked, code, scan_of, thawed

pytestmark = pytest.mark.django_db


def kinds(story: Story) -> list[str]:
    return list(Event.objects.of(story.journey_id).values_list("kind", flat=True))


def started(story: Story, item: CustodyItem, **start: Any) -> BagInfusion:
    return bag_start(
        journey_id=story.journey_id,
        item_id=item.pk,
        start=BagStart(**start),
        by=story.nurse.actor,
        at=story.later(minutes=2),
    )


def ended(story: Story, item: CustodyItem, end: BagEnd | None = None) -> BagInfusion:
    return bag_end(
        journey_id=story.journey_id,
        item_id=item.pk,
        end=end or BagEnd(volume_ml=20.0, is_whole=True),
        by=story.nurse.actor,
        at=story.later(minutes=5),
    )


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught, transaction.atomic():
        act()
    return caught.value.code


def test_two_people_give_two_bags_and_day_0_is_the_start_of_the_first(story: Story) -> None:
    one, two = at_bedside(story)
    thawed(story, one)
    first = started(story, one)
    assert story.journey.infused_at == first.started_at
    ended(story, one)
    thawed(story, two)
    second = started(story, two)
    ended(story, two, BagEnd(volume_ml=12.5, is_whole=False, note="Line blocked"))
    infusion = Infusion.objects.get(journey=story.journey_id)
    assert infusion.started_at == first.started_at != second.started_at
    assert infusion.ended_at == BagInfusion.objects.get(item=two).ended_at
    assert infusion.dose_cells == 50_000_000
    assert kinds(story).count("infused") == 1
    assert kinds(story).count("bag_infusion_started") == 2
    assert kinds(story).count("identity_verified") == 2
    assert story.journey.stage == Stage.INFUSED
    states = dict(CustodyItem.objects.filter(kind="product_bag").values_list("pk", "state"))
    assert states == {one.pk: "given", two.pk: "given"}


def test_one_person_is_not_enough_and_never_signs_twice(story: Story) -> None:
    one, _two = at_bedside(story)

    def sign(*people: User) -> Signed:
        return bag_sign(
            journey_id=story.journey_id,
            item_id=one.pk,
            scan=scan_of(story, one),
            people=people,
            at=story.later(minutes=1),
        )

    assert sign(story.nurse).check is None
    assert refused(lambda: sign(story.nurse)) == "same_person"
    assert refused(lambda: sign(story.clinician, story.clinician)) == "same_person"
    assert refused(lambda: sign(story.lab)) == "not_entitled"
    assert "identity_verified" not in kinds(story)
    assert sign(story.clinician).check is not None
    assert refused(lambda: sign(story.clinician)) == "already_checked"


def test_a_signature_without_a_second_one_lapses_after_half_an_hour(story: Story) -> None:
    one, _two = at_bedside(story)
    scan = scan_of(story, one)

    def sign(person: User, minutes: int) -> Signed:
        return bag_sign(
            journey_id=story.journey_id,
            item_id=one.pk,
            scan=scan,
            people=[person],
            at=story.later(minutes=minutes),
        )

    sign(story.nurse, 1)
    assert sign(story.clinician, 31).check is None
    assert sign(story.nurse, 29).check is not None


def test_nothing_is_thawed_or_given_out_of_order(story: Story) -> None:
    one, two = at_bedside(story)
    by, at = story.nurse.actor, story.later(minutes=1)
    journey_id = story.journey_id
    assert refused(lambda: bag_thaw(journey_id=journey_id, item_id=one.pk, by=by, at=at)) == (
        "identity_not_verified"
    )
    assert refused(lambda: started(story, one)) == "identity_not_verified"
    assert refused(lambda: ended(story, one)) in {"wrong_stage", "bag_not_started"}
    thawed(story, one)
    assert refused(lambda: started(story, two)) == "identity_not_verified"
    started(story, one)
    assert refused(lambda: started(story, one)) == "bag_started"
    thawed(story, two)
    assert refused(lambda: started(story, two)) == "other_bag_running"
    ended(story, one)
    assert refused(lambda: ended(story, one)) == "bag_ended"
    started(story, two)


def test_a_bag_after_the_time_since_its_thaw_needs_a_reason(story: Story) -> None:
    one, _two = at_bedside(story)
    thawed(story, one)
    story.later(minutes=31)
    assert refused(lambda: started(story, one)) == "thaw_over"
    row = started(story, one, late_reason="No other product, physician decides")
    ended(story, one)
    event = Event.objects.of(story.journey_id).get(kind="bag_infusion_ended")
    assert row.started_at is not None
    assert event.data["in_time"] is False
    assert event.data["minutes_since_thaw"] == 40


def test_the_mismatch_set_is_stopped_and_kept(story: Story, other_story: Story) -> None:
    one, _two = at_bedside(story)
    other = other_story
    (foreign,) = _other_childs_bag(other)
    mrn = story.journey.patient.mrn
    swapped = code(one).replace("123456", "123465")
    theirs = other.journey.patient.mrn
    for reason, why, scan in (
        ("wrong_patient", "The wristband is another child's.", Scan(wristband=theirs, bag=code(one))),
        ("wrong_patient", "the bag is another child's.", Scan(wristband=mrn, bag=code(foreign))),
        ("wrong_bag", "", Scan(wristband=mrn, bag=swapped)),
        ("wrong_division", "", Scan(wristband=mrn, bag=code(one).replace("A0", "C0"))),
        ("wrong_check", "", Scan(wristband=mrn, bag="A999926123456B")),
        ("unreadable", "The wristband could not be read.", Scan(wristband="?", bag=code(one))),
        ("unreadable", "The code on the bag could not be read.", Scan(wristband=mrn, bag="=?")),
    ):
        found = bedside_scan(
            journey_id=story.journey_id, scan=scan, by=story.nurse.actor, at=story.later(minutes=1)
        )
        assert found.match.reasons[0] == reason, scan
        assert found.stop is not None
        assert found.stop.reason == reason
        assert found.stop.explanation.endswith(why)
        assert bool(found.stop.explanation) == bool(why)
        sign = partial(
            bag_sign,
            journey_id=story.journey_id,
            item_id=one.pk,
            scan=scan,
            people=[story.clinician, story.nurse],
            at=story.at,
        )
        assert refused(sign) == reason
    assert ScanStop.objects.filter(journey=story.journey_id).count() == 7
    assert "identity_verified" not in kinds(story)
    told = str(list(Event.objects.of(story.journey_id).values_list("data", flat=True)))
    assert other.journey.patient.mrn not in told


def _other_childs_bag(other: Story) -> list[CustodyItem]:
    other.released()
    return bags_added(other, ["A0"], din="A999926777777")


def test_a_bag_that_was_checked_for_another_one_is_the_wrong_bag(story: Story) -> None:
    one, two = at_bedside(story)
    refusal = refused(
        lambda: bag_sign(
            journey_id=story.journey_id,
            item_id=two.pk,
            scan=scan_of(story, one),
            people=[story.clinician, story.nurse],
            at=story.at,
        )
    )
    assert refusal == "wrong_bag"


def test_a_quarantined_bag_is_stopped_at_every_step(story: Story) -> None:
    one, two = at_bedside(story)
    thawed(story, two)
    quarantine_set(
        journey_id=story.journey_id,
        item_ids=[one.pk, two.pk],
        reason="damage",
        note="Leaking port",
        by=story.lab.actor,
        at=story.later(minutes=1),
    )
    found = bedside_scan(
        journey_id=story.journey_id, scan=scan_of(story, one), by=story.nurse.actor, at=story.at
    )
    assert found.match.reasons == ("quarantined",)
    assert refused(lambda: checked(story, one)) == "quarantined"
    assert refused(lambda: started(story, two)) == "item_quarantined"


def test_a_dose_told_as_a_whole_stops_at_a_quarantined_bag_as_well(story: Story) -> None:
    one, _two = at_bedside(story)
    people: dict[str, Any] = {"first": story.clinician, "second": story.nurse}
    identity_verify(journey_id=story.journey_id, at=story.later(minutes=1), **people)
    told: dict[str, Any] = {"journey_id": story.journey_id, "by": story.nurse.actor}
    quarantine_set(item_ids=[one.pk], reason="damage", note="Leaking port", at=story.later(minutes=1), **told)
    at = story.later(minutes=1)
    assert refused(lambda: thaw_start(at=at, **told)) == "item_quarantined"
    whole = InfusionDetails(dose_cells=50_000_000)
    assert refused(lambda: infusion_record(infusion=whole, at=at, **told)) == "item_quarantined"
    assert (
        refused(lambda: identity_verify(journey_id=story.journey_id, at=at, **people)) == "item_quarantined"
    )
    assert story.journey.infused_at is None


def test_the_rest_of_a_bag_is_explained_and_more_than_it_holds_refused(story: Story) -> None:
    one, _two = at_bedside(story)
    thawed(story, one)
    started(story, one)
    with pytest.raises(Invalid) as caught:
        ended(story, one, BagEnd(volume_ml=21.0, is_whole=False))
    assert set(caught.value.fields) == {"note", "volume_ml"}


def test_a_wrong_end_is_struck_and_the_right_one_recorded(story: Story) -> None:
    one, _two = at_bedside(story)
    thawed(story, one)
    started(story, one)
    row = ended(story, one)
    bag_end_strike(bag_id=row.pk, reason="Other bag", by=story.nurse.actor, at=story.later(minutes=1))
    row.refresh_from_db()
    assert (row.ended_at, row.volume_ml, row.is_whole) == (None, None, None)
    assert Infusion.objects.get(journey=story.journey_id).ended_at is None
    assert ended(story, one, BagEnd(volume_ml=18.0)).volume_ml == 18.0


def test_the_start_with_which_the_dose_began_is_never_taken_back(story: Story) -> None:
    one, two = at_bedside(story)
    thawed(story, one)
    first = started(story, one)
    told: dict[str, Any] = {"reason": "Wrong bag", "by": story.nurse.actor}
    assert (
        refused(lambda: bag_start_strike(bag_id=first.pk, at=story.later(minutes=1), **told))
        == "day_zero_fixed"
    )
    ended(story, one)
    thawed(story, two)
    second = started(story, two)
    bag_start_strike(bag_id=second.pk, at=story.later(minutes=1), **told)
    second.refresh_from_db()
    assert second.started_at is None
    assert started(story, two).started_at is not None


def test_premedication_tells_how_long_before_the_cells_it_was_given(story: Story) -> None:
    one, _two = at_bedside(story)
    row = premedication_give(
        journey_id=story.journey_id,
        premedication=PremedicationDetails(drug="paracetamol", dose_mg=180.0, route="oral"),
        by=story.nurse.actor,
        at=story.at - timedelta(minutes=41),
    )
    wrong = premedication_give(
        journey_id=story.journey_id,
        premedication=PremedicationDetails(drug="cetirizine"),
        by=story.nurse.actor,
        at=story.at,
    )
    premedication_strike(premedication_id=wrong.pk, reason="Not given", by=story.nurse.actor, at=story.at)
    thawed(story, one)
    started(story, one)
    lines = {line.row.pk: line for line in bedside_picture(story.journey, at=story.at).premedications}
    assert (lines[row.pk].lead.minutes, lines[row.pk].lead.place) == (45, "inside")
    assert (lines[wrong.pk].lead.minutes, lines[wrong.pk].lead.place) == (4, "late")
    assert refused(
        lambda: premedication_give(
            journey_id=story.journey_id,
            premedication=PremedicationDetails(drug="other"),
            by=story.nurse.actor,
            at=story.at,
        )
    ) == ("invalid_input")


def test_a_reaction_belongs_to_the_bag_that_ran(story: Story) -> None:
    one, two = at_bedside(story)
    reaction = ReactionDetails(signs=("chills", "fever"), action="slowed", grade=1, item=one.number)
    record: dict[str, Any] = {"journey_id": story.journey_id, "by": story.nurse.actor}
    assert refused(lambda: reaction_record(reaction=reaction, at=story.at, **record)) == "wrong_stage"
    thawed(story, one)
    started(story, one)
    row = reaction_record(reaction=reaction, at=story.later(minutes=1), **record)
    assert row.bag is not None
    assert row.bag.item_id == one.pk
    other = ReactionDetails(signs=("cough",), action="continued", item=two.number)
    assert refused(lambda: reaction_record(reaction=other, at=story.at, **record)) == "bag_not_started"
    reaction_strike(reaction_id=row.pk, reason="Other child", by=story.nurse.actor, at=story.at)
    assert refused(
        lambda: reaction_strike(reaction_id=row.pk, reason="Again", by=story.nurse.actor, at=story.at)
    ) == ("already_struck")


def test_without_registered_bags_everything_is_as_before(story: Story) -> None:
    story.infused()
    assert story.journey.stage == Stage.INFUSED
    assert not BagInfusion.objects.exists()


def test_the_database_itself_refuses_an_end_before_the_start(story: Story) -> None:
    one, _two = at_bedside(story)
    thawed(story, one)
    row = started(story, one)
    assert row.started_at is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        BagInfusion.objects.filter(pk=row.pk).update(ended_at=row.started_at - timedelta(minutes=1))
