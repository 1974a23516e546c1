"""Imports: shown before they are stored, for the right child only, nothing twice and nothing silently."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from tests.factories import Story
from tests.laboratory.reports import FERRITIN, obx, oru, recorded
from toxicity.laboratory.importing import Imported, Preview, import_values, preview
from toxicity.laboratory.selectors import laboratory_readings
from toxicity.models import LabSet

CRP = "1988-5^CRP^LN"
SODIUM = "2951-2^Sodium^LN"


def read(story: Story, text: str) -> Preview:
    return preview(story.journey, text, at=story.at)


def stored(story: Story, text: str, *, replaces: bool = False) -> Imported:
    return import_values(
        journey_id=story.journey_id, text=text, replaces=replaces, by=story.nurse.actor, at=story.at
    )


def message(story: Story, *observations: str, **changes: str) -> str:
    taken = story.at.astimezone(story.center.zone).strftime("%Y%m%d%H%M")
    return oru(story.journey.patient.mrn, *observations, **{"taken": taken, **changes})


def test_a_preview_stores_nothing_and_names_what_it_leaves_out(story: Story) -> None:
    story.infused()
    found = read(
        story,
        message(
            story,
            obx(FERRITIN, "18", "mg/L", "0.015-0.15"),
            obx(SODIUM, "14", "mmol/L"),
            obx(CRP, "12", "stones"),
            obx(CRP, "pending", "mg/L"),
            obx(CRP, "12", "mg/L", status="P"),
            obx("9999-9^Moon dust^LN", "3", "mg/L"),
        ),
    )
    assert [row.state for row in found.rows] == [
        "new",
        "refused",
        "refused",
        "refused",
        "left_out",
        "unknown",
    ]
    assert found.rows[0].kept == "18000 ng/mL"
    assert "is not possible" in found.rows[1].why
    assert "stones" in found.rows[2].why
    assert "Moon dust" in found.rows[5].why
    assert laboratory_readings(story.journey_id) == {}


def test_a_message_is_stored_with_limits_order_and_source(story: Story) -> None:
    story.infused()
    text = message(story, obx(FERRITIN, "18000", "ug/L", "15-150"), obx(CRP, "<5", "mg/L", kind="ST"))
    assert stored(story, text) == Imported(stored=2, replaced=0)
    made = LabSet.objects.get()
    assert (made.source, made.order) == ("hl7", "L-88")
    readings = laboratory_readings(story.journey_id)
    assert (readings["ferritin"][0].value, readings["ferritin"][0].high) == (18_000, 150)
    assert (readings["crp"][0].comparator, readings["crp"][0].value) == ("<", 5)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("MRN-", "OTHER-", "another patient"),
        ("||20210115|", "||20210116|", "birth date"),
        ("ORU^R01", "ADT^A01", "no results"),
    ],
)
def test_a_message_about_somebody_or_something_else_is_refused_whole(
    story: Story, old: str, new: str, sentence: str
) -> None:
    story.infused()
    text = message(story, obx(FERRITIN, "900", "ng/mL")).replace(old, new)
    assert sentence in read(story, text).problems[0]
    with pytest.raises(Invalid, match=sentence):
        stored(story, text)
    assert laboratory_readings(story.journey_id) == {}


def test_one_message_about_another_child_stops_the_whole_file(story: Story) -> None:
    story.infused()
    good = message(story, obx(FERRITIN, "900", "ng/mL"))
    with pytest.raises(Invalid, match="another patient"):
        stored(story, good + "\r" + oru("OTHER", obx(CRP, "9", "mg/L")))


def test_the_same_message_twice_stores_nothing_the_second_time(story: Story) -> None:
    story.infused()
    text = message(story, obx(FERRITIN, "900", "ng/mL"))
    stored(story, text)
    assert [row.state for row in read(story, text).rows] == ["known"]
    with pytest.raises(Conflict):
        stored(story, text)
    assert Event.objects.filter(kind=EventKind.LABORATORY_RECORDED, journey_id=story.journey_id).count() == 1


def test_more_values_of_a_known_specimen_are_added_to_it(story: Story) -> None:
    story.infused()
    stored(story, message(story, obx(FERRITIN, "900", "ng/mL")))
    both = message(story, obx(FERRITIN, "900", "ng/mL"), obx(CRP, "12", "mg/L"))
    assert stored(story, both) == Imported(stored=1, replaced=0)
    assert set(laboratory_readings(story.journey_id)) == {"ferritin", "crp"}


def test_a_value_that_differs_replaces_the_stored_one_only_when_asked_to(story: Story) -> None:
    story.infused()
    story.at = story.at.replace(second=0, microsecond=0)
    first = recorded(story, ferritin=(9000, "ng/mL"), crp=(12, "mg/L"))
    text = message(story, obx(FERRITIN, "900", "ng/mL", status="C"))
    assert [row.state for row in read(story, text).rows] == ["differs"]
    with pytest.raises(Conflict):
        stored(story, text)
    assert stored(story, text, replaces=True) == Imported(stored=0, replaced=1)
    readings = laboratory_readings(story.journey_id)
    assert {name: each[0].value for name, each in readings.items()} == {"ferritin": 900, "crp": 12}
    assert LabSet.objects.get(pk=first.pk).struck_at is not None


def test_one_specimen_given_two_values_keeps_the_first_and_refuses_the_other(story: Story) -> None:
    story.infused()
    text = message(story, obx(CRP, "12", "mg/L"), obx(CRP, "1.2", "mg/dL"), obx(CRP, "40", "mg/L"))
    assert [row.state for row in read(story, text).rows] == ["new", "known", "refused"]


def test_values_from_the_future_and_from_before_the_birth_are_refused(story: Story) -> None:
    story.infused()
    tomorrow = (story.at + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    text = f"test,value,unit,time\nCRP,12,mg/L,{tomorrow}\nCRP,12,mg/L,2019-01-01 10:00\nCRP,12,mg/L,\n"
    whys = [row.why for row in read(story, text).rows]
    assert [row.state for row in read(story, text).rows] == ["refused"] * 3
    assert ("future" in whys[0], "born" in whys[1], "missing" in whys[2]) == (True, True, True)


def test_a_pasted_table_is_read_at_the_hour_of_the_ward(story: Story) -> None:
    story.infused()
    day = story.at.astimezone(story.center.zone)
    text = f"Analyte\tUnit\t{day:%Y-%m-%d} 00:30\nNeutrophils\t10^9/L\t0,48\nPLT\tG/L\t21\n"
    assert stored(story, text).stored == 2
    readings = laboratory_readings(story.journey_id)
    zone: ZoneInfo = story.center.zone
    assert readings["anc"][0].value == 480
    assert readings["platelets"][0].at == datetime(day.year, day.month, day.day, 0, 30, tzinfo=zone)
