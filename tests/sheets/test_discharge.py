"""Discharge summaries: made from the record, changed by one person at a time, sealed when signed."""

from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid, Stale
from cartpath.ledger.models import Event
from patients.papers import digest_of
from tests.factories import Story
from tests.sheets.conftest import gave
from toxicity.models import DischargeSummary
from toxicity.sheets.discharge import (
    discharge_begin,
    discharge_drop,
    discharge_edit,
    discharge_sign,
    discharge_strike,
)
from toxicity.sheets.inputs import SummaryDetails
from toxicity.sheets.selectors import news_for


def begun(story: Story, language: Any = "en") -> DischargeSummary:
    return discharge_begin(
        journey_id=story.journey_id,
        summary=SummaryDetails(addressee="Dr. Verdi\nOspedale di Provincia", language=language),
        by=story.clinician.actor,
        at=story.later(hours=1),
    )


def sign(story: Story, draft: DischargeSummary, version: int | None = None) -> DischargeSummary:
    return discharge_sign(
        summary_id=draft.pk,
        version=version or draft.version,
        by=story.clinician.actor,
        at=story.later(minutes=5),
    )


def edit(draft: DischargeSummary, body: str, version: int = 1) -> DischargeSummary:
    return discharge_edit(summary_id=draft.pk, version=version, addressee="Dr. Verdi", body=body)


def test_a_summary_tells_the_stay_and_what_is_not_known(child: Story) -> None:
    gave(child, agent="tocilizumab", dose_mg=220)
    body = begun(child).body
    assert body.startswith("Discharge summary: Giulia Rossi, born 15-Jan-2021, MRN")
    for said in (
        "B-cell acute lymphoblastic leukemia, second or later relapse",
        "Allergies not recorded",
        "50,000,000 CAR-positive viable cells",
        "Lymphodepletion: fludarabine",
        "CRS from",
        "ICANS: unknown, not assessed",
        "IEC-HS: not considered",
        "Tocilizumab: 1 dose",
        "Laboratory:\nunknown",
    ):
        assert said in body, said


def test_a_summary_says_until_when_the_family_stays_near(child: Story) -> None:
    assert "Within 2 hours of the center: until" in begun(child).body


def test_the_referring_center_is_written_to_in_its_language(child: Story) -> None:
    draft = begun(child, "it")
    assert draft.language == "it"
    assert draft.body


def test_a_child_before_the_infusion_is_not_discharged(story: Story) -> None:
    story.accepted()
    with pytest.raises(Conflict):
        begun(story)


def test_a_signed_summary_has_its_digest_in_the_ledger_and_not_its_text(child: Story) -> None:
    draft = edit(begun(child), "Dear colleague,\r\n\r\nshe is well. \r\n")
    signed = sign(child, draft)
    assert signed.body == "Dear colleague,\n\nshe is well."
    (event,) = Event.objects.filter(kind="discharge_summarized")
    assert event.data == {
        "addressee": "Dr. Verdi",
        "language": "en",
        "digest": sha256(signed.body.encode()).hexdigest(),
    }


def test_two_who_change_one_draft_dont_overwrite_each_other(child: Story) -> None:
    draft = begun(child)
    edit(draft, "First.")
    with pytest.raises(Stale):
        edit(draft, "Second.")
    assert DischargeSummary.objects.get().body == "First."


def test_nobody_signs_a_text_they_have_not_read(child: Story) -> None:
    draft = begun(child)
    edit(draft, "Changed by somebody else.")
    with pytest.raises(Stale):
        sign(child, draft, version=1)
    assert sign(child, draft, version=2).signed_by == "Ben"


def test_a_signed_summary_can_neither_be_edited_nor_signed_nor_dropped(child: Story) -> None:
    signed = sign(child, begun(child))
    for do in (
        lambda: edit(signed, "X"),
        lambda: discharge_drop(summary_id=signed.pk),
        lambda: sign(child, signed),
    ):
        with pytest.raises(Conflict):
            do()


@pytest.mark.parametrize("change", [{"body": "Other"}, {"addressee": "X"}, {"state": "draft", "digest": ""}])
def test_the_database_refuses_any_change_of_a_signed_summary(change: dict[str, str], child: Story) -> None:
    signed = sign(child, begun(child))
    with pytest.raises(IntegrityError), transaction.atomic():
        DischargeSummary.objects.filter(pk=signed.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        DischargeSummary.objects.filter(pk=signed.pk).delete()


def test_the_database_refuses_a_digest_of_another_text(child: Story) -> None:
    draft = begun(child)
    wrong = {"state": "final", "signed_at": child.at, "event_id": 1, "digest": digest_of("Another text")}
    with pytest.raises(IntegrityError), transaction.atomic():
        DischargeSummary.objects.filter(pk=draft.pk).update(**wrong)


def test_an_empty_summary_is_not_signed_and_a_draft_can_be_thrown_away(child: Story) -> None:
    draft = edit(begun(child), "  \n ")
    with pytest.raises(Invalid):
        sign(child, draft)
    discharge_drop(summary_id=draft.pk)
    assert not DischargeSummary.objects.exists()
    assert not Event.objects.filter(kind="discharge_summarized").exists()


def test_only_a_signed_summary_is_struck_and_only_once(child: Story) -> None:
    draft = begun(child)
    act = {"summary_id": draft.pk, "reason": "Wrong dose.", "by": child.clinician.actor, "at": child.at}
    with pytest.raises(Conflict):
        discharge_strike(**act)
    sign(child, draft)
    act["at"] = child.later(hours=1)
    struck = discharge_strike(**act)
    assert (struck.struck_reason, struck.body != "") == ("Wrong dose.", True)
    with pytest.raises(Conflict):
        discharge_strike(**act)


def test_a_draft_says_when_the_record_went_on_without_it(child: Story) -> None:
    draft = begun(child)
    assert news_for(draft) == 0
    gave(child, agent="tocilizumab", dose_mg=220)
    assert news_for(draft) == 1
