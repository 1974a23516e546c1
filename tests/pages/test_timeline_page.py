"""The timeline tells the ledger in a clinician's words; the ledger's page shows the record and its chain."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection, transaction

from cartpath.accounts.models import User
from cartpath.core.actor import Actor
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols import registry
from cartpath.web.facts import Fact, facts_of
from cartpath.web.timeline.entries import ICONS, TimelineEntry, tell
from cartpath.web.timeline.saying import Names
from cartpath.web.views import journey as pages
from patients.inputs import TreatmentDetails
from patients.services import patient_change, treatment_record
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from toxicity.grading.crs import CrsInput
from toxicity.services import assessment_strike

Sit = Callable[[User], Desk]
NAMES = Names(registry.latest("tisagenlecleucel-eu"))


def entries(desk: Desk) -> list[TimelineEntry]:
    """What the page tells, the latest first."""
    found: Any = desk.get(desk.path("web:journey_timeline")).context["entries"]
    return list(found)


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_has_words_and_a_sign_even_when_it_says_nothing(kind: EventKind) -> None:
    assert str(tell(NAMES, kind, {}).title)
    assert ICONS[kind]


def test_every_sign_of_the_timeline_is_drawn_in_the_sprite() -> None:
    path = finders.find("vendor/tabler-icons/icons.svg")
    assert isinstance(path, str)
    drawn = set(re.findall(r'<symbol id="([^"]+)"', Path(path).read_text()))
    assert set(ICONS.values()) <= drawn


def test_what_an_event_does_not_say_is_the_word_unknown() -> None:
    visit = tell(NAMES, EventKind.VISIT_RECORDED, {"item": "visit_day_28", "response": None})
    assert visit.title == "Day 28 visit"
    assert visit.detail.count('<span class="unknown">unknown</span>') == 4
    dose = tell(NAMES, EventKind.INFUSED, {"dose_cells": None, "dose_in_range": None})
    assert 'CAR-positive viable cells <span class="unknown">unknown</span>' in dose.detail
    assert dose.tone == "soon"


def test_a_grade_that_is_a_lower_bound_says_so() -> None:
    graded = {"crs": {"grade": 2, "at_least": True, "missing": ["hypoxia"]}, "icans": {"grade": None}}
    said = tell(NAMES, EventKind.TOXICITY_ASSESSED, graded)
    assert said.title == 'CRS ≥2 · ICANS <span class="unknown">unknown</span>'
    assert "not examined: hypoxia" in said.detail
    assert said.tone == "soon"


def test_words_from_outside_are_escaped() -> None:
    said = tell(NAMES, EventKind.MANUFACTURING_FAILED, {"reason": "<script>", "collect_again": True})
    assert "&lt;script&gt;" in said.detail


def test_a_move_of_stage_stands_with_the_act_that_caused_it(story: Story, desk: Sit, ben: User) -> None:
    story.accepted()
    told = entries(desk(ben))
    assert (told[0].title, told[0].moved) == ("Accepted for Tisagenlecleucel (Kymriah)", "accepted")
    assert not [entry for entry in told if "Stage changed" in str(entry.title)]


def test_criteria_judged_in_one_go_are_one_entry(story: Story, desk: Sit, ben: User) -> None:
    story.accepted()
    (told,) = [entry for entry in entries(desk(ben)) if "Eligibility" in str(entry.title)]
    count = len(NAMES.protocol.criteria(story.at.date()))
    assert told.title == f"Eligibility: {count} criteria"
    assert told.detail == f"{count} met"


def test_the_latest_clinical_time_comes_first_whenever_it_was_written(
    story: Story, desk: Sit, nina: User
) -> None:
    story.infused()
    early = story.assessed(crs=CrsInput(temperature_c=39.0))
    story.at = early.assessed_at
    story.later(hours=-6)
    story.assessed(crs=CrsInput(temperature_c=36.8))
    story.later(days=1)
    graded = [str(entry.title) for entry in entries(desk(nina)) if str(entry.title).startswith("CRS")]
    assert graded == ["CRS ≥1", "CRS ≥0"]


def test_what_was_entered_in_error_stays_struck_through_and_the_correction_names_it(
    story: Story, desk: Sit, ben: User
) -> None:
    story.infused()
    assessment = story.assessed(crs=CrsInput(temperature_c=39.0, hypotension=False, oxygen=None))
    story.later(hours=1)
    assessment_strike(assessment_id=assessment.pk, reason="Wrong child.", by=ben.actor, at=story.at)
    told = entries(desk(ben))
    (correction,) = [entry for entry in told if str(entry.title).startswith("Entered in error: CRS")]
    (struck,) = [entry for entry in told if str(entry.title).startswith("CRS")]
    assert correction.detail == "Wrong child."
    assert (struck.voided, correction.voided) == (True, False)
    assert "entry-void" in text_of(desk(ben).get(desk(ben).path("web:journey_timeline")))


def test_a_changed_detail_shows_the_old_and_the_new_value_in_words(
    story: Story, desk: Sit, ada: User
) -> None:
    story.referred()
    changes = {"sex": "male", "birth_date": date(2021, 2, 15)}
    patient_change(
        journey_id=story.journey_id, changes=changes, reason="Typing error.", by=ada.actor, at=story.at
    )
    detail = str(entries(desk(ada))[0].detail)
    assert "sex: Female → Male" in detail
    assert "birth date: 15-Jan-2021 → 15-Feb-2021" in detail


def test_a_last_dose_that_nobody_knows_is_told_as_unknown(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(drug="blinatumomab", drug_class="blinatumomab"),
        by=ada.actor,
        at=story.at,
    )
    assert 'last dose <span class="unknown">unknown</span>' in str(entries(desk(ada))[0].detail)


def test_a_long_timeline_has_pages(
    story: Story, desk: Sit, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ENTRIES_PER_PAGE", 5)
    story.accepted()
    path = desk(ada).path("web:journey_timeline")
    assert "Page 2 of" in text_of(desk(ada).get(f"{path}?page=2"))


def test_the_timeline_costs_the_same_however_much_happened(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    path = desk(ada).path("web:journey_timeline")
    few = desk(ada).queries(path)
    facts = [NewEvent(EventKind.DEFERRED, story.at, {"reason": f"No. {n}"}) for n in range(50)]
    append(story.journey_id, facts, by=Actor.system("test"))
    assert desk(ada).queries(path) == few


def test_a_broken_chain_is_shouted_and_named(story: Story, desk: Sit, dana: User) -> None:
    story.referred()
    path = desk(dana).path("web:journey_ledger")
    assert "Chain intact: 1 event, 0 gaps" in text_of(desk(dana).get(path))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER ledger_event_append_only")
        cursor.execute("UPDATE ledger_event SET actor_name = 'Somebody else'")
        cursor.execute("ALTER TABLE ledger_event ENABLE TRIGGER ledger_event_append_only")
    page = text_of(desk(dana).get(path))
    assert "The chain is broken" in page
    assert "Event 1 was changed after it was written." in page


def test_the_ledger_is_paged_and_prints_on_one_page(
    story: Story, desk: Sit, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "EVENTS_PER_PAGE", 4)
    story.accepted()
    path = desk(dana).path("web:journey_ledger")
    count = Event.objects.of(story.journey_id).count()
    first = desk(dana).get(path)
    assert len(first.context["rows"]) == 4
    assert "All on one page, to print" in text_of(first)
    assert len(desk(dana).get(f"{path}?all").context["rows"]) == count


def test_the_data_of_an_event_is_readable_and_keeps_unknown_apart_from_empty() -> None:
    found = facts_of(
        {"tnc": None, "note": "", "at": "2026-03-02T11:00:00+00:00", "on": "2026-03-02", "ok": True, "n": 0}
    )
    assert [fact.name for fact in found] == ["tnc", "note", "at", "on", "ok", "n"]
    assert [fact.value for fact in found] == [
        '<span class="unknown">unknown</span>',
        "empty",
        "02-Mar-2026 11:00",
        "02-Mar-2026",
        "yes",
        "0",
    ]


def test_what_lies_deeper_in_an_event_keeps_its_order_and_depth() -> None:
    (deep,) = facts_of({"crs": {"grade": 2, "flags": ["a", "b"], "missing": [], "rows": [{"x": 1}]}})
    assert [part.name for part in deep.parts] == ["grade", "flags", "missing", "rows"]
    assert [part.value for part in deep.parts[:3]] == ["2", "a, b", "none"]
    assert deep.parts[3].parts == (Fact("1", parts=(Fact("x", "1"),)),)
