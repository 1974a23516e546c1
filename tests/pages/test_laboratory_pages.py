"""Laboratory pages: the sheet, entry, import with its preview, correction, and IEC-HS considered."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cartpath.accounts.models import User
from tests.factories import Story
from tests.laboratory.reports import FERRITIN, obx, oru, recorded
from tests.pages.conftest import Desk, panel_of, text_of, typed_time
from toxicity.laboratory.inputs import LabEntry, LabResult
from toxicity.laboratory.selectors import laboratory_readings
from toxicity.laboratory.services import laboratory_record
from toxicity.models import HyperinflammationReview, LabSet

Sit = Callable[[User], Desk]


@pytest.fixture
def infused(story: Story) -> Story:
    """A five-year-old two days after the infusion."""
    story.infused()
    story.later(days=2)
    return story


def test_the_sheet_shows_values_limits_grades_and_running_scales(
    infused: Story, desk: Sit, ben: User
) -> None:
    recorded(infused, anc=(300, "/uL"), creatinine=(1.2, "mg/dL"), ferritin=(900, "ng/mL"))
    page = text_of(desk(ben).get(desk(ben).path("toxicity:laboratory")))
    for shown in ("Neutrophils", "300", "0.3–0.7", "ICAHT", "T-ICAHT", "above the limit", "D+2"):
        assert shown in page, shown
    assert "Think of IEC-HS" not in page


def test_the_sheet_costs_the_same_for_one_specimen_and_for_thirty(
    infused: Story, desk: Sit, ben: User
) -> None:
    recorded(infused, anc=(300, "/uL"))
    path = desk(ben).path("toxicity:laboratory")
    few = desk(ben).queries(path)
    for _number in range(30):
        infused.later(hours=8)
        recorded(infused, anc=(300, "/uL"), ferritin=(900, "ng/mL"), crp=(40, "mg/L"))
    assert desk(ben).queries(path) == few


def test_an_analyte_is_drawn_with_a_table_beside_it(infused: Story, desk: Sit, ben: User) -> None:
    for ferritin in (400, 9000, 90_000):
        recorded(infused, ferritin=(ferritin, "ng/mL"))
        infused.later(days=1)
    page = text_of(desk(ben).get(desk(ben).path("toxicity:laboratory_analyte", "ferritin")))
    assert "<svg" in page and "polyline" in page
    assert "Scale in powers of ten." in page
    assert page.count("<tr>") == 4
    assert desk(ben).get(desk(ben).path("toxicity:laboratory_analyte", "moon-dust")).status_code == 404


def test_typed_values_are_stored_in_the_unit_that_was_chosen(infused: Story, desk: Sit, nina: User) -> None:
    typed = {"value_anc": "0,48", "unit_anc": "10*9/L", "value_crp": "<5", "unit_crp": "mg/L"}
    response = desk(nina).post(desk(nina).path("toxicity:laboratory_new"), typed)
    assert (response.status_code, response["Location"]) == (302, panel_of(infused, "toxicity"))
    readings = laboratory_readings(infused.journey_id)
    assert (readings["anc"][0].value, readings["crp"][0].comparator) == (480, "<")
    assert LabSet.objects.get().source == "typed"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Give at least one value."),
        ({"value_hemoglobin": "82", "unit_hemoglobin": "g/dL"}, "is not possible"),
        ({"value_anc": "1,234", "unit_anc": "/uL"}, "Give a number such as"),
        ({"value_anc": "12", "unit_anc": "stones"}, "Select a valid choice"),
    ],
)
def test_a_wrong_value_is_named_and_the_others_stay_typed(
    infused: Story, desk: Sit, nina: User, typed: dict[str, str], sentence: str
) -> None:
    response = desk(nina).post(desk(nina).path("toxicity:laboratory_new"), {**typed, "note": "Line lock."})
    assert response.status_code == 422
    page = text_of(response)
    assert sentence in page and "Line lock." in page
    assert laboratory_readings(infused.journey_id) == {}


def test_an_import_is_previewed_then_stored(infused: Story, desk: Sit, nina: User) -> None:
    taken = infused.at.astimezone(infused.center.zone).strftime("%Y%m%d%H%M")
    text = oru(
        infused.journey.patient.mrn, obx(FERRITIN, "18", "mg/L"), obx("1^Moon dust^L", "1", "x"), taken=taken
    )
    path = desk(nina).path("toxicity:laboratory_import")
    shown = desk(nina).post(path, {"text": text})
    page = text_of(shown)
    assert shown.status_code == 200
    assert "1 new value" in page and "= 18000 ng/mL" in page and "Moon dust" in page
    assert laboratory_readings(infused.journey_id) == {}
    done = desk(nina).post(path, {"text": text, "save": "1"})
    assert (done.status_code, done["Location"]) == (302, desk(nina).path("toxicity:laboratory"))
    assert laboratory_readings(infused.journey_id)["ferritin"][0].value == 18_000


def test_a_file_of_another_child_is_shown_as_unusable(infused: Story, desk: Sit, nina: User) -> None:
    upload = SimpleUploadedFile("results.hl7", oru("OTHER", obx(FERRITIN, "18", "mg/L")).encode())
    response = desk(nina).post(desk(nina).path("toxicity:laboratory_import"), {"file": upload})
    page = text_of(response)
    assert response.status_code == 422
    assert "about another patient" in page
    assert 'name="save"' not in page


def test_a_csv_file_is_told_from_a_paste(infused: Story, desk: Sit, nina: User) -> None:
    day = infused.at.astimezone(infused.center.zone)
    text = f"test,value,unit,time\nCRP,12,mg/L,{day:%Y-%m-%d} 00:10\n"
    path = desk(nina).path("toxicity:laboratory_import")
    shown = text_of(desk(nina).post(path, {"file": SimpleUploadedFile("labs.csv", text.encode())}))
    assert 'name="is_file"' in shown
    desk(nina).post(path, {"text": text, "is_file": "on", "save": "1"})
    assert LabSet.objects.get().source == "csv"


def test_a_correction_begins_with_what_is_recorded(infused: Story, desk: Sit, nina: User) -> None:
    made = recorded(infused, ferritin=(9000, "ng/mL"), anc=(0.3, "10*9/L"))
    path = desk(nina).path("toxicity:laboratory_correct", made.pk)
    assert 'value="9000"' in text_of(desk(nina).get(path))
    typed = {
        "at": typed_time(infused.at.astimezone(infused.center.zone)),
        "value_ferritin": "900",
        "unit_ferritin": "ng/mL",
        "reason": "A zero too many.",
    }
    assert desk(nina).post(path, typed).status_code == 302
    assert laboratory_readings(infused.journey_id)["ferritin"][0].value == 900
    assert laboratory_readings(infused.journey_id).keys() == {"ferritin"}
    came_in = text_of(desk(nina).get(desk(nina).path("toxicity:laboratory_sets")))
    assert "A zero too many." in came_in and "<s>" in came_in
    assert desk(nina).get(path).status_code == 404


def test_striking_needs_a_reason(infused: Story, desk: Sit, nina: User) -> None:
    made = recorded(infused, ferritin=(9000, "ng/mL"))
    path = desk(nina).path("toxicity:laboratory_strike", made.pk)
    assert desk(nina).post(path, {"reason": ""}).status_code == 422
    assert desk(nina).post(path, {"reason": "Wrong child."}).status_code == 302
    assert laboratory_readings(infused.journey_id) == {}


def test_iec_hs_is_asked_of_a_clinician_and_answered_by_name(
    infused: Story, desk: Sit, ben: User, nina: User
) -> None:
    results = (
        LabResult(analyte="ferritin", value=9000, unit="ng/mL", low=15, high=150),
        LabResult(analyte="fibrinogen", value=1.2, unit="g/L"),
    )
    laboratory_record(
        journey_id=infused.journey_id,
        taken_at=infused.at,
        entry=LabEntry(results=results),
        by=nina.actor,
        at=infused.at,
    )
    path = desk(ben).path("toxicity:laboratory")
    assert "A clinician has to consider it." in text_of(desk(nina).get(path))
    assert "Consider IEC-HS" in text_of(desk(ben).get(path))
    considering = desk(ben).path("toxicity:hyperinflammation")
    assert desk(nina).get(considering).status_code == 403
    assert desk(ben).post(considering, {"decision": "absent", "grade": "2"}).status_code == 422
    answer = {"decision": "present", "grade": "2", "hemophagocytosis": "no", "note": "Anakinra begun."}
    assert desk(ben).post(considering, answer).status_code == 302
    row = HyperinflammationReview.objects.get()
    assert (row.decision, row.grade, row.considered_by) == ("present", 2, ben.actor.name)
    assert "A clinician has to consider it." not in text_of(desk(nina).get(path))
