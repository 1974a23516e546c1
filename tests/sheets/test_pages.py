"""Pages of hand-over sheets and discharge summaries."""

from datetime import timedelta

from cartpath.accounts.models import User
from tests.factories import Story
from tests.pages.conftest import text_of
from tests.sheets.conftest import FEVER, Sit, gave, told, written
from toxicity.models import DischargeSummary, HandOverSheet
from toxicity.sheets.services import hand_over_strike

WARD_SHEET = "/ward/hand-over/"


def typed(seen: int = 0, **changes: str) -> dict[str, object]:
    said = told(**changes)
    return {
        "situation": said.situation,
        "background": said.background,
        "assessment": said.assessment,
        "recommendation": said.recommendation,
        "seen": seen,
    }


def test_the_form_begins_with_the_record_and_hands_over_what_was_read(
    child: Story, rosa: User, desk: Sit
) -> None:
    child.later(hours=1)
    at_desk = desk(rosa)
    page = text_of(at_desk.get(at_desk.path("toxicity:sheet_write")))
    assert "CRS: grade 1" in page
    assert "holds for 12 hours" in page
    answer = at_desk.post(at_desk.path("toxicity:sheet_write"), typed())
    assert answer["Location"] == at_desk.path("toxicity:sheet")
    shown = text_of(at_desk.get(at_desk.path("toxicity:sheet")))
    for said in ("Fever since noon.", "Call at 39.5.", "Rosa", "In force"):
        assert said in shown


def test_a_part_left_empty_is_named_and_the_rest_stays(child: Story, rosa: User, desk: Sit) -> None:
    at_desk = desk(rosa)
    answer = at_desk.post(at_desk.path("toxicity:sheet_write"), typed(recommendation="  "))
    assert answer.status_code == 422
    assert "Fever since noon." in text_of(answer)
    assert not HandOverSheet.objects.exists()


def test_who_writes_past_somebody_else_is_shown_their_sheet_first(
    child: Story, rosa: User, desk: Sit
) -> None:
    other = written(child, told(situation="Seizure at ten."))
    at_desk = desk(rosa)
    answer = at_desk.post(at_desk.path("toxicity:sheet_write"), typed(seen=0))
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Nina wrote a sheet meanwhile" in page
    assert "Seizure at ten." in page
    assert "Fever since noon." in page
    assert f'value="{other.event_id}"' in page
    assert at_desk.post(at_desk.path("toxicity:sheet_write"), typed(seen=other.event_id)).status_code == 302


def test_the_ward_list_never_hands_on_an_expired_or_a_struck_sheet(
    child: Story, rosa: User, desk: Sit
) -> None:
    assert "No sheet was written for this child" in text_of(desk(rosa).get(WARD_SHEET))
    sheet = written(child, told(situation="Only for tonight."))
    assert "Only for tonight." in text_of(desk(rosa).get(WARD_SHEET))
    child.at += timedelta(hours=12)
    page = text_of(desk(rosa).get(WARD_SHEET))
    assert "Only for tonight." not in page
    assert "has expired" in page
    hand_over_strike(sheet_id=sheet.pk, reason="Another child.", by=child.nurse.actor, at=child.at)
    assert "No sheet was written for this child" in text_of(desk(rosa).get(WARD_SHEET))


def test_the_ward_list_says_what_got_worse_since(child: Story, rosa: User, desk: Sit) -> None:
    written(child)
    gave(child, agent="tocilizumab", dose_mg=220)
    page = text_of(desk(rosa).get(WARD_SHEET))
    assert "Since it was written" in page
    assert "Tocilizumab" in page


def test_the_ward_list_costs_as_many_queries_for_more_children(child: Story, rosa: User, desk: Sit) -> None:
    written(child)
    one = desk(rosa).queries(WARD_SHEET)
    for _more in range(2):
        child.later(days=1)
        child.infused()
        child.assessed(crs=FEVER)
        written(child)
    assert desk(rosa).queries(WARD_SHEET) <= one
    assert text_of(desk(rosa).get(WARD_SHEET)).count('class="ward-sheet"') == 3


def test_a_sheet_is_struck_from_its_page_and_stays_readable(child: Story, rosa: User, desk: Sit) -> None:
    sheet = written(child)
    at_desk = desk(rosa)
    strike = at_desk.path("toxicity:sheet_strike", sheet.pk)
    assert at_desk.post(strike, {"reason": ""}).status_code == 422
    assert at_desk.post(strike, {"reason": "Another child."})["Location"] == at_desk.path("toxicity:sheet")
    assert "No hand-over sheet yet" in text_of(at_desk.get(at_desk.path("toxicity:sheet")))
    old = text_of(at_desk.get(at_desk.path("toxicity:sheet_at", sheet.pk)))
    assert "Fever since noon." in old
    assert "Entered in error" in old


def test_who_only_looks_is_not_offered_to_write(child: Story, dana: User, rosa: User, desk: Sit) -> None:
    written(child)
    assert "Write a sheet" not in text_of(desk(dana).get(desk(dana).path("toxicity:sheet")))
    assert "Write a sheet" in text_of(desk(rosa).get(desk(rosa).path("toxicity:sheet")))
    assert desk(dana).get(desk(dana).path("toxicity:sheet_write")).status_code == 403


# --- Discharge -------------------------------------------------------------------------------------


def test_a_summary_is_begun_changed_signed_and_printed(child: Story, ben: User, desk: Sit) -> None:
    child.later(hours=1)
    at_desk = desk(ben)
    page = text_of(at_desk.get(at_desk.path("toxicity:discharge_new")))
    assert "Ospedale di Provincia" in page
    answer = at_desk.post(
        at_desk.path("toxicity:discharge_new"), {"addressee": "Dr. Verdi", "language": "en"}
    )
    draft = DischargeSummary.objects.get()
    assert answer["Location"] == at_desk.path("toxicity:discharge", draft.pk)
    change = {"addressee": "Dr. Verdi", "body": "She is well.", "version": 1}
    at_desk.post(at_desk.path("toxicity:discharge", draft.pk), change)
    paper = at_desk.path("toxicity:discharge_paper", draft.pk)
    assert "Draft, not signed" in text_of(at_desk.get(paper))
    at_desk.post(at_desk.path("toxicity:discharge_sign", draft.pk), {"version": 1})
    assert DischargeSummary.objects.get().state == "draft"
    at_desk.post(at_desk.path("toxicity:discharge_sign", draft.pk), {"version": 2})
    page = text_of(at_desk.get(paper))
    for said in ("She is well.", "Ben", "SHA-256"):
        assert said in page
    assert "Draft, not signed" not in page


def test_a_nurse_reads_summaries_and_writes_none(child: Story, rosa: User, desk: Sit) -> None:
    at_desk = desk(rosa)
    assert at_desk.get(at_desk.path("toxicity:discharges")).status_code == 200
    assert at_desk.get(at_desk.path("toxicity:discharge_new")).status_code == 403
