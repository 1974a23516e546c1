"""What is printed of a child: complete, dated, and known by its digest."""

from dataclasses import replace
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.papers.enums import CardFact
from cartpath.papers.inputs import CardAgreement, CardFactName
from cartpath.papers.models import Paper
from cartpath.papers.services import (
    Printed,
    custody_report_print,
    day_sheet_print,
    product_sheet_print,
    wallet_card_print,
)
from patients.models import Contact, Patient
from tests.factories import Story, patient_details
from tests.papers.reading import codes_of, pages_of, text_of
from toxicity.grading.crs import CrsInput

NOBODY_S = CardAgreement(shown=(), agreed_by="Maria Rossi")


def card(story: Story, *shown: CardFactName) -> Printed:
    return wallet_card_print(
        journey_id=story.journey_id,
        agreement=replace(NOBODY_S, shown=shown),
        by=story.coordinator.actor,
        at=story.later(hours=1),
    )


def report(story: Story) -> Printed:
    return custody_report_print(
        journey_id=story.journey_id, language="en", by=story.lab.actor, at=story.later(hours=1)
    )


def printed_events(story: Story) -> list[Event]:
    return list(Event.objects.of(story.journey_id).filter(kind=EventKind.PAPER_PRINTED))


# --- The wallet card ---------------------------------------------------------------------------------------


def test_the_card_has_an_english_and_an_italian_side_of_a7(story: Story) -> None:
    story.infused()
    made = card(story, "name")
    front, back = pages_of(made.content)
    assert "CAR T-cell therapy" in front and "ROSSI, Giulia" in front
    assert "ROSSI, Giulia" in back
    assert made.paper.pages == 2


def test_the_code_on_each_side_says_what_the_side_says_and_no_address(story: Story) -> None:
    story.infused()
    made = card(story, "name", "birth_date", "allergies")
    codes = codes_of(made.content)
    assert len(codes) == 2
    day_zero = story.journey.infused_at
    assert day_zero is not None
    assert f"Infused: {day_zero:%d-%b-%Y}" in codes[0]
    assert "Name: ROSSI, Giulia" in codes[0] and "irradiated only" in codes[0]
    assert not any(word in "".join(codes) for word in ("http", "www", str(story.journey_id)))


@pytest.mark.parametrize("left_out", list(CardFact))
def test_what_the_family_does_not_want_is_neither_on_the_card_nor_in_its_code(
    story: Story, left_out: CardFact
) -> None:
    story.infused()
    patient = story.journey.patient
    Patient.objects.filter(pk=patient.pk).update(allergy_state="known", allergies="penicillin")
    Contact.objects.create(patient=patient, relation="mother", name="Maria Rossi", phone="+39 333 111")
    told = {
        CardFact.NAME: "ROSSI, Giulia",
        CardFact.BIRTH_DATE: "15-Jan-2021",
        CardFact.MRN: patient.mrn,
        CardFact.DIAGNOSIS: "elapse",
        CardFact.ALLERGIES: "penicillin",
        CardFact.FAMILY_PHONE: "+39 333 111",
    }
    made = card(story, *(fact.value for fact in CardFact if fact != left_out))
    front = pages_of(made.content)[0] + codes_of(made.content)[0]
    assert [fact for fact, text in told.items() if text not in front] == [left_out]


def test_a_name_beyond_latin_1_stands_on_the_card_as_it_is_written(story: Story) -> None:
    story.child = patient_details(family_name="Dvořáková", given_name="Žofie Łucja")
    story.infused()
    made = card(story, "name")
    assert "DVOŘÁKOVÁ, Žofie Łucja" in pages_of(made.content)[0]
    assert "DVOŘÁKOVÁ, Žofie Łucja" in codes_of(made.content)[0]


def test_a_card_with_the_longest_texts_still_fits_and_is_still_read(story: Story) -> None:
    story.infused()
    patient = story.journey.patient
    Patient.objects.filter(pk=patient.pk).update(allergy_state="known", allergies="penicillin, " * 30)
    made = card(story, *(fact.value for fact in CardFact))
    codes = codes_of(made.content)
    assert len(codes) == 2
    assert codes[0].count("penicillin") == 30
    assert pages_of(made.content)[0].count("penicillin") == 30


def test_who_agreed_and_what_is_shown_stand_in_the_ledger(story: Story) -> None:
    story.infused()
    made = card(story, "mrn", "name")
    (event,) = printed_events(story)
    assert event.data == {
        "kind": "wallet_card",
        "language": "both",
        "pages": 2,
        "digest": sha256(made.content).hexdigest(),
        "shown": ["name", "mrn"],
        "agreed_by": "Maria Rossi",
    }
    assert (made.paper.event_id, made.paper.digest) == (event.pk, event.data["digest"])


def test_without_an_infusion_or_somebody_who_agreed_there_is_no_card(story: Story) -> None:
    story.ready()
    with pytest.raises(Conflict) as refused:
        card(story, "name")
    assert refused.value.code == "not_infused"
    with pytest.raises(Invalid) as nobody:
        wallet_card_print(
            journey_id=story.journey_id,
            agreement=replace(NOBODY_S, agreed_by="  "),
            by=story.coordinator.actor,
            at=story.at,
        )
    assert set(nobody.value.fields) == {"agreed_by"}
    assert printed_events(story) == []


# --- The sheet of the product ------------------------------------------------------------------------------


def test_the_product_sheet_names_child_order_lot_and_quality(story: Story) -> None:
    story.released(lot="LOT-77")
    order = story.journey.orders.get()
    made = product_sheet_print(
        journey_id=story.journey_id, language="en", by=story.lab.actor, at=story.later(hours=1)
    )
    text = text_of(made.content)
    for told in ("ROSSI, Giulia", "LOT-77", order.chain_of_identity, order.manufacturer_order_id, "Released"):
        assert told in text
    assert "First person, time" in text
    assert printed_events(story)[0].data["kind"] == "product_sheet"


def test_a_lot_that_is_not_released_says_so_in_a_frame(story: Story) -> None:
    from manufacturing.models import Batch

    story.released()
    Batch.objects.update(received_at=None, state="out_of_specification")
    made = product_sheet_print(
        journey_id=story.journey_id, language="en", by=story.lab.actor, at=story.later(hours=1)
    )
    assert "Not released: nothing may be given from this lot." in text_of(made.content)


def test_without_an_order_there_is_no_product_sheet(story: Story) -> None:
    story.collected()
    with pytest.raises(Conflict) as refused:
        product_sheet_print(
            journey_id=story.journey_id, language="en", by=story.lab.actor, at=story.later(hours=1)
        )
    assert refused.value.code == "no_order"


def test_the_italian_sheet_is_italian(story: Story) -> None:
    story.released()
    made = product_sheet_print(
        journey_id=story.journey_id, language="it", by=story.lab.actor, at=story.later(hours=1)
    )
    assert made.paper.language == "it"
    assert "Peso" in text_of(made.content)


# --- The custody report ------------------------------------------------------------------------------------


def test_the_report_names_every_event_of_the_journey_and_says_that_the_chain_is_intact(
    story: Story,
) -> None:
    story.infused()
    story.assessed(crs=CrsInput(temperature_c=39.4, hypotension=False))
    events = list(Event.objects.of(story.journey_id))
    made = report(story)
    text = text_of(made.content)
    assert f"Chain intact: {len(events)} events, 0 gaps" in text
    assert events[-1].hash in text.replace(" ", "")
    missing = [event.seq for event in events if event.hash[:16] not in text.replace(" ", "")]
    assert missing == []
    assert verify(story.journey_id).breaks == []


def test_the_report_names_the_exact_event_that_was_changed(story: Story) -> None:
    story.released()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE ledger_event SET actor_name = 'Nobody' WHERE journey_id = %s AND seq = 5",
            [story.journey_id],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    text = text_of(report(story).content)
    assert "The chain is broken at 1 place" in text
    assert "Event 5: was changed after it was written." in text
    assert "Chain intact" not in text


def test_the_same_record_at_the_same_time_gives_the_same_bytes(story: Story) -> None:
    from cartpath.papers.custody import custody_report

    story.released()
    journey = story.journey
    first, again = (custody_report(journey, by="Luca", at=story.at) for _ in range(2))
    assert first.content == again.content


# --- The day sheet, and what holds for all -----------------------------------------------------------------


def test_the_day_sheet_lists_who_is_collected_and_where(story: Story) -> None:
    booking = story.booked()
    on = story.center.local_day(booking.slot.starts_at)
    made = day_sheet_print(
        center=story.center, on=on, language="en", by=story.nurse.actor, at=story.later(hours=1)
    )
    text = text_of(made.content)
    assert "Apheresis" in text and "Machine 1" in text and story.journey.patient.mrn in text
    assert (made.paper.journey_id, made.paper.event_id) == (None, None)


def test_the_day_sheet_lists_who_is_on_the_ward_with_the_day_of_the_child(story: Story) -> None:
    story.infused()
    made = day_sheet_print(
        center=story.center, on=story.at.date(), language="en", by=story.nurse.actor, at=story.at
    )
    assert "day 0" in text_of(made.content)


def test_a_day_sheet_shows_nobody_of_another_center(story: Story, other_center: object) -> None:
    story.infused()
    made = day_sheet_print(
        center=other_center,  # type: ignore[arg-type]
        on=story.at.date(),
        language="en",
        by=story.nurse.actor,
        at=story.at,
    )
    assert "ROSSI" not in text_of(made.content)


@pytest.mark.parametrize("statement", ["UPDATE papers_paper SET pages = 9", "DELETE FROM papers_paper"])
def test_that_something_was_printed_can_not_be_undone(story: Story, statement: str) -> None:
    story.infused()
    card(story)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    assert Paper.objects.get().pages == 2
