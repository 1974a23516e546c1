"""The bedside's forms under attack: what can't be is named, what was typed stays, nothing is kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from cartpath.accounts.models import User
from tests.factories import Story
from tests.pages.conftest import Desk, text_of, typed_time
from tests.toxicity.bedside import WELL, observed
from toxicity.models import (
    Alert,
    CheckSetting,
    DischargeSummary,
    DosingWeight,
    HandOverSheet,
    Intervention,
    LabSet,
    Observation,
    ObservationSet,
)

Sit = Callable[[User], Desk]

LONG = "x" * 5000
FUTURE = "2030-01-01T00:00"
LONG_AGO = "0002-01-01T00:00"
OXYGEN = {"agent": "oxygen", "flow_l_min": "2", "device": "nasal_cannula"}
DOSE = {"agent": "tocilizumab", "dose_mg": "220"}
SHEET = {
    "situation": "Fever",
    "background": "B-ALL",
    "assessment": "CRS 1",
    "recommendation": "Look again",
    "seen": "0",
}


@pytest.fixture
def infused(story: Story) -> Story:
    """A five-year-old twelve hours after the infusion."""
    story.infused()
    story.later(hours=12)
    return story


@pytest.mark.parametrize(
    ("page", "typed", "field", "kept"),
    [
        ("intervene", DOSE | {"dose_mg": "999999", "note": "Kept"}, "dose_mg", Intervention),
        ("intervene", DOSE | {"dose_mg": "-5", "note": "Kept"}, "dose_mg", Intervention),
        ("intervene", DOSE | {"at": FUTURE, "note": "Kept"}, "at", Intervention),
        ("intervene", DOSE | {"at": LONG_AGO, "note": "Kept"}, "at", Intervention),
        ("intervene", DOSE | {"note": LONG, "drug": "Kept"}, "note", Intervention),
        ("intervene", {"agent": "leeches", "note": "Kept"}, "agent", Intervention),
        ("intervene", OXYGEN | {"device": "", "note": "Kept"}, "device", Intervention),
        ("intervene", OXYGEN | {"fio2_percent": "120", "note": "Kept"}, "fio2_percent", Intervention),
        ("dosing_weight", {"weight_kg": "1840", "reason": "Kept"}, "weight_kg", DosingWeight),
        ("dosing_weight", {"weight_kg": "18.4", "at": LONG_AGO, "reason": "Kept"}, "at", DosingWeight),
        ("dosing_weight", {"weight_kg": "18.4", "at": FUTURE, "reason": "Kept"}, "at", DosingWeight),
        ("dosing_weight", {"weight_kg": "184"}, "reason", DosingWeight),
        ("laboratory_new", {"value_ferritin": "-3", "note": "Kept"}, "value_ferritin", LabSet),
        ("laboratory_new", {"value_ferritin": "1e9", "note": "Kept"}, "value_ferritin", LabSet),
        (
            "laboratory_new",
            {"value_ferritin": "9", "unit_ferritin": "stones", "note": "Kept"},
            "unit_ferritin",
            LabSet,
        ),
        ("laboratory_new", {"value_ferritin": "9", "at": FUTURE, "note": "Kept"}, "at", LabSet),
        ("laboratory_new", {"value_ferritin": "9", "note": LONG, "order": "Kept"}, "note", LabSet),
        ("sheet_write", SHEET | {"situation": LONG, "background": "Kept"}, "situation", HandOverSheet),
        ("sheet_write", SHEET | {"assessment": " ", "background": "Kept"}, "assessment", HandOverSheet),
        ("sheet_write", SHEET | {"situation": "\0", "background": "Kept"}, "situation", HandOverSheet),
        ("discharge_new", {"addressee": LONG, "language": "en"}, "addressee", DischargeSummary),
        ("discharge_new", {"addressee": "Kept", "language": "tlh"}, "language", DischargeSummary),
    ],
)
def test_what_cannot_be_is_named_at_its_field_and_the_rest_is_kept(
    page: str,
    typed: dict[str, str],
    field: str,
    kept: type[models.Model],
    infused: Story,
    desk: Sit,
    ben: User,
) -> None:
    answer = desk(ben).post(desk(ben).path(f"toxicity:{page}"), typed)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    if "Kept" in typed.values():
        assert "Kept" in unescape(text_of(answer))
    assert not kept._default_manager.exists()


@pytest.mark.parametrize("every", ["5", "99999", "x"])
def test_an_interval_that_nobody_keeps_is_refused_with_the_reason_kept(
    every: str, infused: Story, desk: Sit, ben: User
) -> None:
    observed(infused)
    path = desk(ben).path("toxicity:checks_change", "vitals")
    answer = desk(ben).post(path, {"every_minutes": every, "reason": "Kept"})
    assert answer.status_code == 422
    assert "every_minutes" in answer.context["form"].errors
    assert 'value="Kept"' in text_of(answer)
    assert desk(ben).post(path, {"every_minutes": "30", "reason": LONG}).status_code == 422
    assert desk(ben).get(desk(ben).path("toxicity:checks_change", "horoscope")).status_code == 404
    assert not CheckSetting.objects.exists()


def test_an_answer_to_an_alert_that_is_not_there_keeps_the_note(infused: Story, desk: Sit, ben: User) -> None:
    observed(infused, replace(WELL, temperature_c=38.9))
    path = desk(ben).path("toxicity:alerts_answer")
    answer = desk(ben).post(path, {"cases": ["alert_seizure-1"], "answer": "other", "note": "Kept"})
    assert answer.status_code == 422
    assert "cases" in answer.context["form"].errors
    assert 'value="Kept"' in text_of(answer)
    assert Alert.objects.get().acknowledged_at is None


def test_a_file_that_is_no_text_is_named_and_stores_nothing(infused: Story, desk: Sit, ben: User) -> None:
    path = desk(ben).path("toxicity:laboratory_import")
    for content in (b"\x00\x01ferritin", "ferritin;9;ng/mL".encode("utf-16")):
        answer = desk(ben).post(path, {"file": SimpleUploadedFile("values.csv", content)})
        assert answer.status_code == 422
        assert "file" in answer.context["form"].errors
    long = SimpleUploadedFile("values.csv", b"a" * 600_000)
    assert "file" in desk(ben).post(path, {"file": long}).context["form"].errors
    assert "text" in desk(ben).post(path, {"text": "\0"}).context["form"].errors
    assert not LabSet.objects.exists()


# --- Twice, and in two tabs --------------------------------------------------------------------------------


def test_a_dose_that_is_sent_twice_is_kept_once(infused: Story, desk: Sit, ben: User) -> None:
    path = desk(ben).path("toxicity:intervene")
    key = desk(ben).get(path).context["form"]["entry_id"].value()
    typed = DOSE | {"entry_id": str(key)}
    for _ in range(2):
        assert desk(ben).post(path, typed).status_code == 302
        infused.later(minutes=1)
    assert Intervention.objects.count() == 1
    assert desk(ben).post(path, DOSE | {"entry_id": str(uuid4())}).status_code == 302
    assert Intervention.objects.count() == 2


def test_a_key_of_another_childs_entry_records_nothing(infused: Story, desk: Sit, ben: User) -> None:
    key, other = str(uuid4()), replace(infused)
    assert desk(ben).post(desk(ben).path("toxicity:intervene"), DOSE | {"entry_id": key}).status_code == 302
    assert (
        desk(ben).post(desk(ben).path("toxicity:observe"), {"set_id": key, "spo2": "97"}).status_code == 302
    )
    other.infused()
    there = Desk(ben, other)
    for name, typed in (("intervene", DOSE | {"entry_id": key}), ("observe", {"set_id": key, "spo2": "88"})):
        refused = there.post(there.path(f"toxicity:{name}"), typed)
        assert refused.status_code == 422
        assert "another child" in text_of(refused)
    assert (Intervention.objects.count(), ObservationSet.objects.count()) == (1, 1)


def test_values_that_are_sent_twice_are_kept_once(infused: Story, desk: Sit, ben: User) -> None:
    path = desk(ben).path("toxicity:laboratory_new")
    typed = {"value_ferritin": "900", "at": typed_time(infused.at.astimezone(infused.center.zone))}
    assert [desk(ben).post(path, typed).status_code for _ in range(2)] == [302, 422]
    assert LabSet.objects.count() == 1


def correction(desk: Desk, made: ObservationSet) -> dict[str, Any]:
    """What a browser would send back of the form as it is shown."""
    form = desk.get(desk.path("toxicity:observation_correct", made.pk)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in shown.items() if value is not False and value not in (None, "")}


def test_of_two_tabs_neither_takes_back_what_the_other_put_right(
    infused: Story, desk: Sit, nina: User, ben: User
) -> None:
    made = observed(infused, replace(WELL, temperature_c=39.6))
    path = desk(nina).path("toxicity:observation_correct", made.pk)
    first, second = correction(desk(nina), made), correction(desk(ben), made)
    infused.later(minutes=2)
    first |= {"temperature_c": "36.9", "reason": "Next bed"}
    assert desk(nina).post(path, first).status_code == 302
    infused.later(minutes=2)
    assert desk(ben).post(path, second | {"heart_rate": "111", "reason": "Typed wrong"}).status_code == 302
    counting = Observation.objects.filter(observation_set=made, struck_at=None)
    values = {row.code: float(row.value) for row in counting if row.value is not None}
    assert (values["temperature_c"], values["heart_rate"]) == (36.9, 111)


def test_a_value_that_was_put_right_meanwhile_is_not_overwritten_unseen(
    infused: Story, desk: Sit, nina: User, ben: User
) -> None:
    made = observed(infused, replace(WELL, temperature_c=39.6))
    path = desk(nina).path("toxicity:observation_correct", made.pk)
    first, second = correction(desk(nina), made), correction(desk(ben), made)
    infused.later(minutes=2)
    assert desk(nina).post(path, first | {"temperature_c": "36.9", "reason": "Next bed"}).status_code == 302
    refused = desk(ben).post(path, second | {"temperature_c": "37.9", "reason": "My own reading"})
    assert refused.status_code == 422
    assert "Nina has put this right meanwhile" in str(refused.context["form"].errors["temperature_c"])
    assert "My own reading" in text_of(refused)
    again = correction(desk(ben), made) | {"temperature_c": "37.9", "reason": "My own reading"}
    assert desk(ben).post(path, again).status_code == 302


def test_an_act_that_is_sent_twice_is_done_once(infused: Story, desk: Sit, ben: User) -> None:
    made = observed(infused)
    desk(ben).post(desk(ben).path("toxicity:intervene"), OXYGEN | {"entry_id": str(uuid4())})
    course = Intervention.objects.get()
    infused.later(minutes=5)
    for name, key in (
        ("intervention_stop", course.pk),
        ("intervention_strike", course.pk),
        ("observation_strike", made.pk),
    ):
        path = desk(ben).path(f"toxicity:{name}", key)
        first, again = (desk(ben).post(path, {"reason": "Twice"}) for _ in range(2))
        assert (first.status_code, again.status_code) == (302, 422), name


# --- Whose child, whose role, whose form -------------------------------------------------------------------


def test_a_key_of_another_child_is_not_found_below_this_one(infused: Story, desk: Sit, ben: User) -> None:
    made = observed(infused)
    desk(ben).post(desk(ben).path("toxicity:laboratory_new"), {"value_ferritin": "900"})
    desk(ben).post(desk(ben).path("toxicity:intervene"), OXYGEN)
    desk(ben).post(desk(ben).path("toxicity:sheet_write"), SHEET)
    desk(ben).post(desk(ben).path("toxicity:dosing_weight"), {"weight_kg": "18.4"})
    desk(ben).post(desk(ben).path("toxicity:discharge_new"), {"addressee": "Dr. Verdi", "language": "en"})
    keys = {
        "observation_set": made.pk,
        "observation_correct": made.pk,
        "observation_strike": made.pk,
        "laboratory_correct": LabSet.objects.get().pk,
        "laboratory_strike": LabSet.objects.get().pk,
        "intervention_correct": Intervention.objects.get().pk,
        "intervention_stop": Intervention.objects.get().pk,
        "intervention_strike": Intervention.objects.get().pk,
        "dosing_weight_strike": DosingWeight.objects.get().pk,
        "sheet_at": HandOverSheet.objects.get().pk,
        "sheet_strike": HandOverSheet.objects.get().pk,
        "discharge": DischargeSummary.objects.get().pk,
        "discharge_paper": DischargeSummary.objects.get().pk,
        "discharge_strike": DischargeSummary.objects.get().pk,
    }
    other = replace(infused)
    other.infused()
    there = Desk(ben, other)
    found = {}
    for name, key in keys.items():
        assert desk(ben).get(desk(ben).path(f"toxicity:{name}", key)).status_code in (200, 302), name
        path = there.path(f"toxicity:{name}", key)
        found[name] = there.get(path).status_code, there.post(path, {"reason": "Wrong child"}).status_code
    assert {name: seen for name, seen in found.items() if not {*seen} <= {404, 405}} == {}


def test_a_form_without_its_token_changes_nothing(infused: Story, ben: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    with time_machine.travel(infused.at, tick=False):
        answer = client.post(f"/journeys/{infused.journey_id}/interventions/new/", DOSE)
    assert answer.status_code == 403
    assert not Intervention.objects.exists()


FORMS = (
    *("observe", "intervene", "dosing_weight", "laboratory_new", "laboratory_import", "alerts_answer"),
    *("sheet_write", "discharge_new", "assess", "hyperinflammation"),
)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_can_be_sent_without_javascript(name: str, infused: Story, desk: Sit, ben: User) -> None:
    observed(infused, replace(WELL, temperature_c=38.9))
    page = text_of(desk(ben).get(desk(ben).path(f"toxicity:{name}")))
    main = page[page.index("<main") : page.index("</main")]
    forms = [part.split("</form>")[0] for part in main.split("<form ")[1:]]
    sent = [form for form in forms if 'method="post"' in form.split(">")[0]]
    assert sent
    for form in sent:
        assert "csrfmiddlewaretoken" in form
        assert 'type="submit"' in form or "<button class" in form


def test_a_stopped_course_is_no_second_time_stopped_at_a_time_before_it_began(
    infused: Story, desk: Sit, ben: User
) -> None:
    desk(ben).post(desk(ben).path("toxicity:intervene"), OXYGEN)
    path = desk(ben).path("toxicity:intervention_stop", Intervention.objects.get().pk)
    before = (infused.at - timedelta(hours=2)).astimezone(infused.center.zone)
    refused = desk(ben).post(path, {"at": typed_time(before), "reason": "Kept"})
    assert refused.status_code == 422
    assert "at" in refused.context["form"].errors
    assert 'value="Kept"' in text_of(refused)
    assert Intervention.objects.get().stopped_at is None
