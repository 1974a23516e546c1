"""What a center's own laboratory means by its codes: kept, used by every import, offered where unknown."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from cartpath.accounts.models import Center, User
from cartpath.core.errors import Conflict, Invalid
from tests.factories import Story
from tests.laboratory.reports import obx, oru
from toxicity.laboratory.importing import ImportRow, import_values, preview
from toxicity.laboratory.own_codes import lab_code_end, lab_code_keep, lab_codes
from toxicity.laboratory.selectors import laboratory_readings
from toxicity.models import LabCode

pytestmark = pytest.mark.django_db


def keep(center: Center, by: User, at: Any, **said: str) -> LabCode:
    known = {"name": "FERS", "written_unit": "", "analyte": "ferritin", "unit": ""}
    return lab_code_keep(center=center, by=by.actor, at=at, **(known | said))


def read(story: Story, text: str) -> ImportRow:
    (row,) = preview(story.journey, text, at=story.at).rows
    return row


def table(story: Story, name: str, value: str, unit: str) -> str:
    taken = story.at.astimezone(story.center.zone).strftime("%Y-%m-%d %H:%M")
    return f"analyte;value;unit;time\n{name};{value};{unit};{taken}"


def message(story: Story, code: str, value: str, unit: str) -> str:
    taken = story.at.astimezone(story.center.zone).strftime("%Y%m%d%H%M")
    return oru(story.journey.patient.mrn, obx(code, value, unit), taken=taken)


@pytest.fixture
def child(story: Story) -> Story:
    story.infused()
    return story


def test_an_unknown_code_is_named_and_means_something_once_the_center_has_said_so(child: Story) -> None:
    texts = [table(child, "fers", "900", "ng/mL"), message(child, "FERS^Siero^99LAB", "900", "ng/mL")]
    for text in texts:
        row = read(child, text)
        assert (row.state, "fers" in row.why.lower()) == ("unknown", True)
    keep(child.center, child.clinician, child.at)
    for text in texts:
        row = read(child, text)
        assert (row.state, row.analyte and row.analyte.code, row.value) == ("new", "ferritin", 900)


def test_a_unit_of_the_house_is_converted_as_the_center_says(child: Story) -> None:
    keep(child.center, child.clinician, child.at, written_unit="gamma/L", unit="ug/dL")
    assert read(child, table(child, "FERS", "90", "Gamma/L")).value == 900
    assert read(child, table(child, "FERS", "90", "ng/mL")).state == "unknown"


def test_a_code_without_a_unit_is_read_in_the_unit_that_is_meant(child: Story) -> None:
    keep(child.center, child.clinician, child.at, unit="ug/L")
    assert read(child, table(child, "FERS", "900", "")).value == 900
    assert read(child, table(child, "FERS", "90", "ug/dL")).value == 900
    assert read(child, table(child, "FERS", "90", "stones")).state == "refused"


def test_what_is_stored_is_the_value_in_the_unit_that_is_meant(child: Story) -> None:
    keep(child.center, child.clinician, child.at, written_unit="gamma/L", unit="ug/dL")
    text = message(child, "FERS^Siero^99LAB", "90", "gamma/L")
    import_values(journey_id=child.journey_id, text=text, replaces=False, by=child.nurse.actor, at=child.at)
    assert laboratory_readings(child.journey_id)["ferritin"][0].value == 900


def test_loinc_means_the_same_everywhere(child: Story) -> None:
    keep(child.center, child.clinician, child.at, name="CRP", analyte="ferritin")
    assert read(child, message(child, "1988-5^CRP^LN", "12", "mg/L")).result.analyte == "crp"  # type: ignore[union-attr]
    with pytest.raises(Invalid, match="can't be kept") as refused:
        keep(child.center, child.clinician, child.at, name="1988-5")
    assert "name" in refused.value.fields


def test_another_center_knows_nothing_of_it(child: Story, other_center: Center) -> None:
    keep(other_center, child.clinician, child.at)
    assert read(child, table(child, "FERS", "900", "ng/mL")).state == "unknown"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": "  "}, "name"),
        ({"analyte": "moon"}, "analyte"),
        ({"unit": "mmol/L"}, "unit"),
        ({"written_unit": "gamma/L"}, "unit"),
    ],
)
def test_a_meaning_that_cannot_be_is_refused_by_its_field(
    center: Center, ben: User, story: Story, said: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        keep(center, ben, story.at, **said)
    assert set(refused.value.fields) == {field}


def test_another_meaning_ends_the_one_before_and_both_stay_known(
    center: Center, ben: User, story: Story
) -> None:
    first = keep(center, ben, story.at)
    with pytest.raises(Conflict):
        keep(center, ben, story.at, name=" fers ")
    second = keep(center, ben, story.at + timedelta(hours=1), analyte="crp")
    first.refresh_from_db()
    assert (first.ended_by, first.ended_at) == (ben.actor.name, story.at + timedelta(hours=1))
    assert lab_codes(center.pk) == [second]
    with pytest.raises(IntegrityError):
        LabCode.objects.create(
            center=center, name="FERS", key="fers", analyte="crp", entered_by="Ben", entered_at=story.at
        )


def test_a_meaning_is_taken_back_once(center: Center, ben: User, story: Story) -> None:
    row = keep(center, ben, story.at)
    lab_code_end(center=center, code_id=row.pk, by=ben.actor, at=story.at)
    assert lab_codes(center.pk) == []
    with pytest.raises(Conflict):
        lab_code_end(center=center, code_id=row.pk, by=ben.actor, at=story.at)


def test_the_preview_offers_an_unknown_code_and_is_made_again_with_its_meaning(
    child: Story, client: Client
) -> None:
    client.force_login(child.clinician)
    url = reverse("toxicity:laboratory_import", args=[child.journey_id])
    text = table(child, "FERS", "900", "ng/mL")
    page = client.post(url, {"text": text}).content.decode()
    assert "Codes that nobody knows" in page
    assert 'value="code-0"' in page
    said = {"code-0-name": "FERS", "code-0-written_unit": "ng/mL", "code-0-unit": ""}
    refused = client.post(url, {"text": text, "keep_code": "code-0", **said})
    assert (refused.status_code, LabCode.objects.count()) == (422, 0)
    page = client.post(
        url, {"text": text, "keep_code": "code-0", **said, "code-0-analyte": "ferritin"}
    ).content.decode()
    assert "Codes that nobody knows" not in page
    assert "Ferritin" in page
    assert LabCode.objects.get().written_unit == "ng/mL"


def test_a_nurse_is_told_who_can_say_what_a_code_means_and_cannot_say_it(
    child: Story, client: Client
) -> None:
    client.force_login(child.nurse)
    url = reverse("toxicity:laboratory_import", args=[child.journey_id])
    text = table(child, "FERS", "900", "ng/mL")
    page = client.post(url, {"text": text}).content.decode()
    assert "A clinician or the administrator can say" in page
    assert "keep_code" not in page
    sent = {"text": text, "keep_code": "code-0", "code-0-name": "FERS", "code-0-analyte": "ferritin"}
    assert client.post(url, sent).status_code == 403
    assert not LabCode.objects.exists()


def test_the_center_keeps_its_codes_on_a_page(child: Story, client: Client) -> None:
    client.force_login(child.clinician)
    url = reverse("toxicity:laboratory_codes")
    sent = {"name": "FERS", "written_unit": "gamma/L", "analyte": "ferritin", "unit": "ug/dL"}
    assert client.post(url, sent).status_code == 302
    page = client.get(url).content.decode()
    assert all(word in page for word in ("FERS", "gamma/L", "Ferritin", "µg/dL"))
    row = LabCode.objects.get()
    client.post(reverse("toxicity:laboratory_code_end", args=[row.pk]))
    row.refresh_from_db()
    assert row.ended_by == child.clinician.actor.name
