"""Importing is all or nothing, says where a file is wrong, and does nothing the second time."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.exchange.importing import Imported, journey_import
from cartpath.exchange.journey_file import JourneyFileError, read
from cartpath.ledger.models import Chain, Event
from leukapheresis.models import Resource, Slot
from patients.models import Journey, Measurement, Patient
from tests.exchange.conftest import NOW, Write, line_holding

BY = Actor.system("import")


def imported(text: str) -> Imported:
    return journey_import(file=read(text, now=NOW), by=BY)


def refusals(text: str) -> list[str]:
    with pytest.raises(JourneyFileError) as refused:
        imported(text)
    assert not Patient.objects.exists()
    assert not Journey.objects.exists()
    assert not Chain.objects.exists()
    assert not Event.objects.exists()
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.usefixtures("hospital")
def test_a_file_becomes_a_journey(told: dict[str, Any], written: Write) -> None:
    done = imported(written(told))
    journey = Journey.objects.get(pk=done.journey_id)
    assert (done.events_read, done.events_written, done.stage) == (5, 5, "accepted")
    assert (journey.stage, journey.protocol_id) == ("accepted", "tisagenlecleucel-eu")
    assert set(Event.objects.values_list("actor_kind", "actor_name")) == {("system", "import")}


@pytest.mark.usefixtures("hospital")
def test_a_second_import_changes_nothing(told: dict[str, Any], written: Write) -> None:
    text = written(told)
    first, second = imported(text), imported(text)
    assert second.journey_id == first.journey_id
    assert second.was_known
    assert (Journey.objects.count(), Event.objects.count()) == (1, 5)


@pytest.mark.usefixtures("hospital")
def test_one_wrong_date_that_only_a_service_can_refuse_changes_nothing(
    told: dict[str, Any], written: Write
) -> None:
    told["events"].append(
        {
            "kind": "consent_recorded",
            "occurred_at": "2026-03-10T08:00:00+01:00",
            "data": {
                "kind": "consent",
                "given_by": "Paola Rossi",
                "document_version": "1",
                "signed_on": "2026-03-30",
            },
        }
    )
    text = written(told)
    (problem,) = refusals(text)
    line = line_holding(text, "2026-03-30")
    assert problem == f"line {line}: events[5].data.signed_on: Signed in the future. Give the day of signing."


@pytest.mark.usefixtures("hospital")
def test_an_act_that_the_stage_does_not_allow_names_its_event(told: dict[str, Any], written: Write) -> None:
    told["events"].append({"kind": "thaw_started", "occurred_at": "2026-03-10T08:00:00+01:00", "data": {}})
    text = written(told)
    (problem,) = refusals(text)
    line = line_holding(text, "thaw_started") - 1
    assert problem.startswith(f"line {line}: events[5]: Not possible in stage “Accepted”")


@pytest.mark.usefixtures("hospital")
def test_a_move_before_the_stage_it_leaves_is_refused(told: dict[str, Any], written: Write) -> None:
    for event in told["events"][2:4]:
        event["occurred_at"] = "2026-03-01T09:00:00+01:00"
    assert refusals(written(told))[0].endswith(
        "events[2].occurred_at: lies before the stage it leaves began, 2026-03-02T08:00:00+00:00"
    )


@pytest.mark.usefixtures("hospital")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": "collected"}, "data.to: CARTPath finds “accepted” here"),
        ({"from": "closed"}, "data.from: CARTPath finds “referred” here"),
    ],
)
def test_a_stage_change_in_a_file_must_be_the_one_the_act_makes(
    told: dict[str, Any], written: Write, change: dict[str, str], reason: str
) -> None:
    told["events"][3]["data"] |= change
    assert refusals(written(told))[0].endswith(f"events[3].{reason}")


@pytest.mark.usefixtures("hospital")
def test_a_stage_change_without_an_act_is_refused(told: dict[str, Any], written: Write) -> None:
    del told["events"][2]
    assert refusals(written(told))[0].endswith("events[2]: no act before it makes this change")


@pytest.mark.usefixtures("hospital")
def test_a_file_without_stage_changes_is_as_good(told: dict[str, Any], written: Write) -> None:
    del told["events"][3]
    assert imported(written(told)).events_written == 5


@pytest.mark.usefixtures("hospital")
def test_a_figure_that_follows_from_others_must_agree(told: dict[str, Any], written: Write) -> None:
    told["events"][2]["data"]["eligibility"] = "eligible"
    assert refusals(written(told))[0].endswith("data.eligibility: CARTPath finds “incomplete” here")


@pytest.mark.usefixtures("hospital")
def test_another_protocol_than_the_one_in_force_is_refused(told: dict[str, Any], written: Write) -> None:
    told["journey"]["protocol"] = {"id": "tisagenlecleucel-eu", "version": "7"}
    assert refusals(written(told))[0].endswith("journey.protocol: is tisagenlecleucel-eu, version 1, here")


@pytest.mark.usefixtures("hospital")
@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("center", "XYZ", "journey.center: there is no center with the code “XYZ”"),
        ("product", "placebo", "journey.product: no protocol for “placebo” in EU"),
    ],
)
def test_an_unknown_center_or_product_is_refused(
    told: dict[str, Any], written: Write, key: str, value: str, reason: str
) -> None:
    told["journey"][key] = value
    assert refusals(written(told))[0].endswith(reason)


@pytest.mark.usefixtures("hospital")
def test_a_person_nobody_knows_is_refused_with_the_line(told: dict[str, Any], written: Write) -> None:
    told["events"].insert(
        2,
        {
            "kind": "eligibility_assessed",
            "occurred_at": "2026-03-03T09:00:00+01:00",
            "data": {
                "criterion": "E8",
                "verdict": "waived",
                "reason": "Stable.",
                "second": "nobody@demo.example",
            },
        },
    )
    text = written(told)
    (problem,) = refusals(text)
    line = line_holding(text, "nobody@demo.example")
    assert problem.startswith(f"line {line}: events[2].data.second: Nobody of the center ODB is known")


def test_a_person_of_another_center_can_not_sign(
    told: dict[str, Any], written: Write, hospital: Center, ben: User
) -> None:
    told["events"].append(
        {
            "kind": "identity_verified",
            "occurred_at": "2026-03-10T08:00:00+01:00",
            "data": {"first": "ben@demo.example", "second": ben.email},
        }
    )
    assert f"Nobody of the center ODB is known as “{ben.email}”" in refusals(written(told))[0]


@pytest.mark.usefixtures("hospital")
def test_a_score_that_the_database_refuses_names_its_event(told: dict[str, Any], written: Write) -> None:
    told["events"][0]["data"]["performance_score"] = 80
    (problem,) = refusals(written(told))
    assert problem.endswith("events[0]: the database refuses it: referral_score_has_scale")


@pytest.mark.usefixtures("hospital")
def test_a_reason_code_that_no_list_has_is_named_in_its_place(told: dict[str, Any], written: Write) -> None:
    told["events"][2:4] = []
    told["events"].append(
        {
            "kind": "closed",
            "occurred_at": "2026-03-20T08:00:00+01:00",
            "data": {"reason_code": "went_home", "note": "x"},
        }
    )
    text = written(told)
    (problem,) = refusals(text)
    line = line_holding(text, "went_home")
    assert problem.startswith(f"line {line}: events[3].data.reason_code: ")


@pytest.mark.usefixtures("hospital")
def test_a_death_needs_its_closing(told: dict[str, Any], written: Write) -> None:
    death = {"kind": "died", "occurred_at": "2026-03-20T08:00:00+01:00", "data": {"died_on": "2026-03-19"}}
    told["events"].append(death)
    assert refusals(written(told))[0].endswith("events[5]: needs the “closed” event that goes with it")


@pytest.mark.usefixtures("hospital")
def test_a_death_is_imported_with_its_closing(told: dict[str, Any], written: Write) -> None:
    at = "2026-03-20T08:00:00+01:00"
    told["events"] += [
        {"kind": "died", "occurred_at": at, "data": {"died_on": "2026-03-19"}},
        {"kind": "closed", "occurred_at": at, "data": {"reason_code": "died", "note": "Infection."}},
        {"kind": "stage_changed", "occurred_at": at, "data": {"from": "accepted", "to": "closed"}},
    ]
    done = imported(written(told))
    assert done.stage == "closed"
    assert str(Patient.objects.get().died_on) == "2026-03-19"


def test_a_booking_in_a_file_opens_its_slot(told: dict[str, Any], written: Write, hospital: Center) -> None:
    Resource.objects.create(center=hospital, name="Optia 1")
    booked = {
        "kind": "apheresis_booked",
        "occurred_at": "2026-03-06T08:00:00+01:00",
        "data": {
            "machine": "Optia 1",
            "starts_at": "2026-03-12T08:00:00+01:00",
            "ends_at": "2026-03-12T13:00:00+01:00",
            "washout_open": False,
        },
    }
    told["events"].append(booked)
    assert imported(written(told)).stage == "apheresis_planned"
    assert Slot.objects.get().state == "booked"


@pytest.mark.usefixtures("hospital")
def test_a_null_is_unknown_and_never_zero(told: dict[str, Any], written: Write) -> None:
    imported(written(told))
    assert Measurement.objects.get().height_cm is None
    assert Event.objects.get(kind="measured").data == {"weight_kg": 18.4, "height_cm": None}


@pytest.mark.usefixtures("hospital")
def test_the_command_tells_what_it_did_and_no_name(
    tmp_path: Path, told: dict[str, Any], written: Write
) -> None:
    path = tmp_path / "journey.json"
    path.write_text(written(told), encoding="utf-8")
    first, second = io.StringIO(), io.StringIO()
    call_command("import_journey", str(path), "--by", "ben@demo.example", stdout=first)
    call_command("import_journey", str(path), stdout=second)
    assert "5 events read, 5 written to the ledger; stage accepted." in first.getvalue()
    assert "is here already; nothing was changed." in second.getvalue()
    assert "Rossi" not in first.getvalue() + second.getvalue()
    assert set(Event.objects.values_list("actor_name", flat=True)) == {"Ben Moretti"}


@pytest.mark.usefixtures("hospital")
def test_the_command_names_the_line_of_what_is_wrong(
    tmp_path: Path, told: dict[str, Any], written: Write
) -> None:
    told["events"][1]["data"]["last_dose"] = "2026-02-30"
    path = tmp_path / "journey.json"
    path.write_text(written(told), encoding="utf-8")
    line = line_holding(written(told), "2026-02-30")
    with pytest.raises(CommandError, match=rf"(?s)nothing was imported.*line {line}: events\[1\]"):
        call_command("import_journey", str(path))
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "can't be read"), (b'{\n "a": "\xff"}', "line 2 is not UTF-8")]
)
def test_the_command_explains_a_file_it_can_not_read(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "journey.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_journey", str(path))


def test_the_command_does_not_act_for_a_stranger(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("import_journey", str(tmp_path / "journey.json"), "--by", "stranger@demo.example")
