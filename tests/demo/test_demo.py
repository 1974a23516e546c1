"""The demo shows every stage and every twist, and nothing that can't be."""

import io
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Max, Min

from cartpath.accounts.models import User
from cartpath.demo.cast import WEEKDAYS
from cartpath.demo.loading import Loaded
from cartpath.demo.stories import PLOTS
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.protocols.models import ProtocolEdition
from cartpath.reminders.models import Reminder
from followup.models import Immunoglobulin, Vaccination
from infusion.fractions import series
from infusion.models import Infusion
from leukapheresis.enums import ResourceKind
from leukapheresis.models import (
    Booking,
    Closure,
    Collection,
    CollectionAdverseEvent,
    CryoBag,
    Resource,
    Slot,
    WaitingEntry,
)
from leukapheresis.selectors import washout_of
from manufacturing.models import Batch, Order
from patients.donor import Donor
from patients.donors import donor_ready
from patients.enums import ClosingReason, Stage
from patients.models import Journey, Measurement, Patient, Referral, Status, Treatment
from tests.demo.conftest import NOW
from toxicity.models import (
    Alert,
    CheckPlan,
    DischargeSummary,
    Episode,
    HandOverSheet,
    Intervention,
    LabSet,
)

# One worker loads the demo for all of these.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

WAY = (
    "referred_at",
    "accepted_at",
    "apheresis_at",
    "manufacturing_started_at",
    "released_at",
    "lymphodepletion_started_at",
    "infused_at",
)


def test_there_are_about_40_journeys_and_some_in_every_stage(demo: Loaded) -> None:
    stages = Counter(Journey.objects.values_list("stage", flat=True))
    assert demo.journeys == sum(stages.values()) == 49
    assert set(stages) == set(Stage.values)
    assert min(stages.values()) >= 2


def test_closed_journeys_show_every_reason() -> None:
    reasons = Journey.objects.filter(stage=Stage.CLOSED).values_list("closing_reason", flat=True)
    assert set(reasons) == set(ClosingReason.values)


def test_the_ledger_verifies(demo: Loaded) -> None:
    report = verify()
    assert (report.journeys, report.events, report.breaks) == (demo.journeys, demo.events, [])


def test_replaying_every_reader_changes_nothing() -> None:
    def derived() -> list[object]:
        return [*Status.objects.order_by("pk").values(), *Reminder.objects.order_by("pk").values()]

    before = derived()
    call_command("replay", "all", stdout=io.StringIO())
    assert derived() == before


def test_every_step_follows_the_one_before_it() -> None:
    for status in Status.objects.values(*WAY):
        moments = [status[step] for step in WAY if status[step]]
        assert moments == sorted(moments)
    for journey in Journey.objects.all():
        moves = Event.objects.of(journey.pk).filter(kind__in=["referred", "stage_changed"])
        moments = list(moves.values_list("occurred_at", flat=True))
        assert moments == sorted(moments)


def test_nothing_happens_tomorrow_or_before_birth() -> None:
    assert not Event.objects.filter(occurred_at__gt=NOW).exists()
    births = dict(Patient.objects.values_list("pk", "birth_date"))
    for patient_id, occurred_at in Event.objects.values_list("patient_id", "occurred_at"):
        assert occurred_at.date() >= births[patient_id]


def test_nothing_is_told_of_a_journey_after_it_closed() -> None:
    for journey in Journey.objects.filter(stage=Stage.CLOSED):
        *before, moved = Event.objects.of(journey.pk)
        assert (moved.kind, moved.data["to"]) == ("stage_changed", "closed")
        assert all(event.occurred_at <= moved.occurred_at for event in before)


def test_every_dose_but_the_unknown_one_lies_within_the_rule() -> None:
    infusions = Infusion.objects.all()
    assert infusions.filter(dose_cells=None).count() == 1
    assert not infusions.exclude(dose_cells=None).exclude(is_dose_in_range=True).exists()


def test_children_weigh_from_4_to_70_kg() -> None:
    weights = [float(weight) for weight in Measurement.objects.values_list("weight_kg", flat=True) if weight]
    assert 3.8 <= min(weights) <= 4.5
    assert 68 <= max(weights) <= 80
    assert Patient.objects.filter(family_name__contains="Acquaviva Santacroce").exists()


def test_some_things_are_due_today_some_overdue_and_some_to_come() -> None:
    waiting = Reminder.objects.open()
    overdue = set(waiting.filter(closes_at__lte=NOW).values_list("item", flat=True))
    due = set(waiting.filter(opens_at__lte=NOW, closes_at__gt=NOW).values_list("item", flat=True))
    assert {"referral_decision", "apheresis_booking", "product_release", "check_vitals"} <= overdue
    assert {"visit_day_28", "referral_decision", "acute_monitoring_review", "infusion"} <= due
    assert waiting.filter(opens_at__gt=NOW).count() > 100
    assert waiting.filter(closes_at__lte=NOW).count() < 32
    assert waiting.exclude(acknowledged_at=None).exists()


def test_the_b_cells_of_one_child_are_back_and_one_child_is_transplanted() -> None:
    states = Counter(Status.objects.values_list("b_cell_aplasia", flat=True))
    assert states["lost"] == 1
    assert states["ongoing"] >= 4
    assert states["not_applicable"] == Status.objects.exclude(transplanted_on=None).count() == 2


def test_one_child_is_protected_vaccinated_and_replaced_and_of_another_a_second_sample_is_due() -> None:
    replaced = set(Immunoglobulin.objects.values_list("journey_id", flat=True))
    assert replaced == set(Vaccination.objects.values_list("journey_id", flat=True))
    assert not Vaccination.objects.exclude(override_reason="").exists()
    ended = Event.objects.filter(kind="therapy_stopped")
    assert [event.data["stop_verdict"] for event in ended] == ["met"] * 4
    suspected = Status.objects.get(b_cell_aplasia="suspected_loss")
    waiting = Reminder.objects.open().get(item="b_cell_second_sample")
    assert waiting.journey_id == suspected.journey_id


def test_children_in_acute_monitoring_show_grades_that_change() -> None:
    acute = Status.objects.filter(stage=Stage.INFUSED)
    assert acute.count() == 5
    assert acute.filter(crs_max__gte=3).exists()
    assert acute.filter(icans_max__gte=2).exists()
    assert acute.filter(crs_current__lt=F("crs_max")).exists()


def test_the_bedside_shows_checks_late_and_in_time_alerts_answered_and_waiting() -> None:
    acute = CheckPlan.objects.filter(journey__stage=Stage.INFUSED)
    late = acute.filter(due_at__lte=NOW - timedelta(hours=1))
    assert set(late.values_list("journey_id", flat=True)) == {ward_child("moderate")}
    assert acute.filter(due_at__gt=NOW).exclude(journey_id__in=late.values("journey_id")).exists()
    standing = Alert.objects.filter(cleared_at=None)
    assert standing.filter(acknowledged_at=None).exists()
    assert standing.exclude(acknowledged_at=None).exists()
    assert Alert.objects.exclude(cleared_at=None).exclude(acknowledged_at=None).exists()


def test_an_episode_was_treated_with_tocilizumab_and_another_one_has_resolved() -> None:
    given = Intervention.objects.filter(agent="tocilizumab", journey__stage=Stage.INFUSED)
    open_episodes = Episode.objects.filter(resolved_at=None, scale="crs")
    assert set(open_episodes.values_list("journey_id", flat=True)) & set(
        given.values_list("journey_id", flat=True)
    )
    assert Episode.objects.exclude(resolved_at=None).exists()


def test_blood_of_two_weeks_grades_signed_sheets_and_a_summary_are_there() -> None:
    for journey in Journey.objects.filter(stage=Stage.INFUSED, product="tisagenlecleucel"):
        taken = LabSet.objects.filter(journey=journey).aggregate(first=Min("taken_at"), last=Max("taken_at"))
        assert journey.infused_at is not None
        assert taken["first"] < journey.infused_at - timedelta(days=4)
        assert HandOverSheet.objects.filter(journey=journey).exists()
    longest = LabSet.objects.values("journey").annotate(span=Max("taken_at") - Min("taken_at"))
    assert max(each["span"] for each in longest) >= timedelta(days=14)
    signed = Event.objects.filter(kind="result_confirmed")
    assert any(event.data["value"] != event.data["computed_value"] for event in signed)
    assert DischargeSummary.objects.filter(state="final").exists()


def ward_child(toxicity: str) -> UUID:
    """The child in acute monitoring whose days go that way."""
    plot = next(plot for plot in PLOTS if plot.toxicity == toxicity and not plot.is_monitoring_over)
    infused_on = NOW.date() - timedelta(days=plot.ago)
    return Journey.objects.get(stage=Stage.INFUSED, infused_at__date=infused_on).pk


def test_manufacturing_failed_once_and_that_child_was_collected_again() -> None:
    (failed,) = Event.objects.filter(kind="manufacturing_failed")
    assert set(Collection.objects.filter(journey=failed.journey_id).values_list("round", flat=True)) == {1, 2}
    assert Order.objects.filter(journey=failed.journey_id).count() == 2


def test_one_product_out_of_specification_waits_for_a_decision() -> None:
    (batch,) = Batch.objects.filter(state="out_of_specification")
    assert batch.journey.stage == Stage.MANUFACTURING


def test_one_referral_is_deferred_and_one_was_declined() -> None:
    states = Counter(Referral.objects.values_list("state", flat=True))
    assert (states["deferred"], states["declined"]) == (1, 1)


def test_accepted_children_show_an_open_and_an_unknown_washout() -> None:
    waiting = Journey.objects.filter(stage=Stage.ACCEPTED)
    washouts = [washout_of(each, on=each.center.local_day(NOW)) for each in waiting]
    assert any(washout.earliest is not None and washout.earliest > NOW for washout in washouts)
    assert any(washout.unknown for washout in washouts)
    assert Treatment.objects.filter(
        drug="Prednisone", last_dose_on=None, last_dose_at=None, journey__stage=Stage.ACCEPTED
    ).exists()


def test_a_booking_was_given_back_and_another_one_holds() -> None:
    canceled = Booking.objects.filter(state="canceled", cancel_reason="clinical").get()
    assert Booking.objects.filter(journey=canceled.journey, state="booked").exists()


def test_slots_cover_eight_weeks_of_weekdays_and_some_are_free() -> None:
    coming = Slot.objects.filter(starts_at__gt=NOW)
    assert coming.filter(state="open").count() > 100
    assert coming.filter(state="booked").count() >= 4
    slots = Slot.objects.select_related("center")
    weekdays = {slot.starts_at.astimezone(slot.center.zone).weekday() for slot in slots}
    assert weekdays == set(range(WEEKDAYS))


def test_cleo_sees_two_children_that_ada_does_not() -> None:
    seen = {
        name: set(
            Journey.objects.visible_to(User.objects.get(email=f"{name}@demo.example")).values_list("pk")
        )
        for name in ("ada", "cleo", "omar")
    }
    assert (len(seen["ada"]), len(seen["cleo"]), len(seen["omar"])) == (47, 2, 0)
    assert not seen["ada"] & seen["cleo"]


def test_cells_are_frozen_in_bags_and_adverse_events_are_told() -> None:
    bags = CryoBag.objects.filter(struck_at=None)
    assert bags.count() == 6
    assert all(bag.tnc is not None and bag.expires_on is not None for bag in bags)
    assert {"hypocalcemia", "access_failure"} <= set(
        CollectionAdverseEvent.objects.values_list("kind", flat=True)
    )


def test_one_product_starts_from_a_parents_whole_blood() -> None:
    whole = Collection.objects.get(source="donor_whole_blood")
    assert whole.donor is not None
    assert not Booking.objects.filter(journey=whole.journey).exists()


def test_a_child_waits_for_cells_of_a_parent() -> None:
    waiting = Donor.objects.filter(journey__stage=Stage.APHERESIS_PLANNED)
    donor = waiting.select_related("journey__patient").get()
    journey = donor.journey
    assert (journey.product, journey.stage) == ("donor_cd19", Stage.APHERESIS_PLANNED)
    planned_at = Booking.objects.get(journey=journey, state="booked").slot.starts_at
    assert donor_ready(journey, on=planned_at.date()).is_ready
    assert donor.birth_date < journey.patient.birth_date


def test_a_child_watched_by_the_clock_has_two_of_three_parts_and_may_get_the_third() -> None:
    infusion = Infusion.objects.get(journey__product="varnimcabtagene")
    found = series(infusion.journey, at=NOW)
    assert found is not None and found.gate is not None
    assert (found.next, found.gate.verdict) == (3, "allowed")


def test_a_child_with_neuroblastoma_has_cells_in_manufacturing() -> None:
    referral = Referral.objects.select_related("journey").get(diagnosis="neuroblastoma")
    assert (referral.journey.product, referral.journey.stage) == ("gd2_cart01", Stage.MANUFACTURING)
    assert (referral.cd19_status, referral.cd19_tested_on) == ("", None)


def test_the_real_case_is_one_of_them() -> None:
    infant = Journey.objects.get(patient__family_name="Stellini")
    assert (infant.center.code, infant.stage) == ("ODB", Stage.FOLLOW_UP)


def test_no_name_stands_for_two_children() -> None:
    names = Counter(Patient.objects.values_list("family_name", flat=True))
    assert [name for name, count in names.items() if count > 1] == []
    assert len(PLOTS) == len({plot.key for plot in PLOTS})


def test_bookings_take_whole_bundles_one_slot_is_held_and_three_children_wait() -> None:
    ours = Booking.objects.filter(center__code="ODB", state="booked")
    assert ours.exists()
    taken = [set(booking.allocations.values_list("kind", flat=True)) for booking in ours]
    assert all({"machine", "chair", "nurse"} <= kinds for kinds in taken)
    assert any("cryopreservation" in kinds for kinds in taken)
    assert ours.annotate(count=Count("days")).filter(count=2).count() == 1
    held = Booking.objects.get(state="held")
    assert held.hold_expires_at is not None and held.hold_expires_at > NOW
    waiting = WaitingEntry.objects.filter(state="waiting").order_by("priority")
    assert list(waiting.values_list("priority", flat=True)) == [1, 2, 3]


def test_the_unit_has_every_kind_with_hours_a_closure_and_a_holiday() -> None:
    unit = Resource.objects.filter(center__code="ODB")
    assert set(unit.values_list("kind", flat=True)) == set(ResourceKind.values)
    assert unit.filter(hours__isnull=False).exists()
    closures = Closure.objects.filter(first_on__gt=NOW.date())
    assert set(closures.values_list("kind", flat=True)) == {"holiday", "maintenance"}


def test_the_center_published_an_edition_and_only_later_journeys_are_on_it() -> None:
    edition = ProtocolEdition.objects.published().get()
    assert (edition.center.code, edition.version, len(edition.changes)) == ("ODB", "1-odb-1", 3)
    assert {change["by"] for change in edition.changes} == {edition.published_by} == {"Ben Moretti"}
    pinned = Status.objects.filter(product="tisagenlecleucel", center=edition.center).exclude(
        protocol_version=""
    )
    later = pinned.filter(accepted_at__gt=edition.published_at)
    moved = Event.objects.filter(kind="protocol_changed").values("journey_id")
    on_it = pinned.filter(protocol_version=edition.version)
    assert later.exists() and moved.count() == 1
    assert set(on_it) == set(later | pinned.filter(journey_id__in=moved))
