"""Referrals by program: one journey per key, however often the network makes a program try again."""

import threading
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.api.idempotency import KEPT_FOR
from cartpath.api.models import IdempotencyKey
from cartpath.api.tasks import forget_answers
from cartpath.ledger.models import Event
from patients.models import Journey, Patient, Treatment
from tests.api.conftest import NewProgram
from tests.api.program import Answer, Program

BODY: dict[str, Any] = {
    "patient": {
        "mrn": "4711",
        "family_name": "Bianchi",
        "given_name": "Luca",
        "birth_date": "2019-04-03",
        "sex": "male",
    },
    "referral": {
        "referring_center": "Ospedale di Provincia",
        "product": "tisagenlecleucel",
        "diagnosis": "b_all",
        "disease_status": "first_relapse",
        "treatments": [
            {"drug": "Prednisone", "class": "corticosteroid", "last_dose": "2026-02-20"},
            {"drug": "Vincristine", "class": "cytotoxic", "last_dose": "2026-02-11T09:30:00+01:00"},
            {"drug": "Unknown trial drug", "class": "other"},
        ],
    },
}


def body(**changes: Any) -> dict[str, Any]:
    """The referral with changes by path: `body(patient__mrn="1")`."""
    changed = deepcopy(BODY)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = changed
        for step in way:
            place = place[step]
        place[last] = value
    return changed


def errors(response: Answer) -> dict[str, str]:
    assert response.status_code == 422, response.content
    found: dict[str, str] = response.json()["errors"]
    return found


def test_a_referral_makes_a_patient_and_a_journey_and_says_where_it_is(program: Program) -> None:
    response = program.post("referrals/", body(referred_at="2026-03-01T18:00:00+01:00"))
    found = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/journeys/{found['id']}/"
    assert program.get(response["Location"]).json() == found
    assert (found["stage"], found["milestones"]["referred"]) == ("referred", "2026-03-01T18:00:00+01:00")
    assert found["patient"]["mrn"] == "4711"
    first = Event.objects.order_by("seq").first()
    assert first is not None
    assert (first.actor_kind, first.actor_name, first.kind) == ("client", "Registry", "referred")
    doses = {treatment.drug: treatment.last_dose for treatment in Treatment.objects.all()}
    assert doses["Unknown trial drug"] is None
    assert doses["Vincristine"] == datetime.fromisoformat("2026-02-11T09:30:00+01:00")


def test_a_known_mrn_of_the_center_is_the_same_child(
    program: Program, center: Center, other_center: Center, new_program: NewProgram
) -> None:
    assert [program.post("referrals/", BODY).status_code for _ in range(2)] == [201, 201]
    assert (Patient.objects.count(), Journey.objects.count()) == (1, 2)
    new_program(other_center).post("referrals/", BODY)
    assert Patient.objects.count() == 2


def test_a_known_mrn_with_another_birth_date_is_a_conflict(program: Program) -> None:
    program.post("referrals/", BODY)
    refused = program.post("referrals/", body(patient__birth_date="2018-04-03"))
    assert (refused.status_code, refused.json()["code"]) == (409, "patient_mismatch")
    assert Journey.objects.count() == 1


def test_a_client_of_several_centers_names_one_of_them(
    center: Center, other_center: Center, new_program: NewProgram, program: Program
) -> None:
    both = new_program(center, other_center)
    assert list(errors(both.post("referrals/", BODY))) == ["center"]
    assert both.post("referrals/", body(center="B")).json()["center"] == "B"
    assert program.post("referrals/", body(center="B")).status_code == 404
    assert program.post("referrals/", body(center="X")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"patient__birth_date": "3 April 2019"}, {"patient.birth_date"}),
        ({"patient__birth_date": "0"}, {"patient.birth_date"}),
        ({"patient__birth_date": 20190403}, {"patient.birth_date"}),
        ({"patient__birth_date": "0019-04-03"}, {"patient.birth_date"}),
        ({"patient__sex": "boy", "patient__mrn": ""}, {"patient.sex", "patient.mrn"}),
        ({"patient__nickname": "Lu"}, {"patient.nickname"}),
        ({"patient__given_name": "a\0b"}, {"patient.given_name"}),
        ({"patient": None}, {"patient"}),
        ({"referral__treatments": [{"drug": "X", "class": "cytotoxic", "last_dose": "soon"}]}, None),
        ({"referral__treatments": [{"drug": "X", "class": "cytotoxic", "last_dose": 5}]}, None),
        (
            {"referral__treatments": [{"drug": "X", "class": "cytotoxic", "last_dose": "2026-02-11T09:30"}]},
            None,
        ),
        ({"referral__performance_score": "80"}, {"referral.performance_score"}),
        ({"referred_at": "2999-01-01T00:00:00+00:00"}, {"referred_at"}),
        ({"referred_at": "2100-01-01T00:00:00+00:00"}, {"referred_at"}),
        ({"referred_at": "2026-03-01"}, {"referred_at"}),
        ({"surprise": 1}, {"surprise"}),
    ],
)
def test_bad_input_changes_nothing_and_names_each_field(
    program: Program, changes: dict[str, Any], fields: set[str] | None
) -> None:
    found = errors(program.post("referrals/", body(**changes)))
    assert set(found) == (fields or {"referral.treatments.0.last_dose"})
    assert not any("Value error" in why for why in found.values())
    assert (Patient.objects.count(), Journey.objects.count()) == (0, 0)


def test_a_score_without_its_scale_is_bad_input(program: Program) -> None:
    refused = program.post("referrals/", body(referral__performance_score=80))
    assert refused.status_code == 422
    assert Patient.objects.count() == 0


def test_a_product_without_a_protocol_is_refused(program: Program) -> None:
    refused = program.post("referrals/", body(referral__product="aspirin"))
    assert refused.status_code in (409, 422)
    assert Patient.objects.count() == 0


KEY = {"Idempotency-Key": "0d3c-42"}


def test_the_same_key_gets_the_same_answer_and_acts_once(program: Program) -> None:
    first = program.post("referrals/", BODY, headers=KEY)
    again = program.post("referrals/", BODY, headers=KEY)
    assert (again.status_code, again.content, again["Location"]) == (201, first.content, first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Journey.objects.count() == 1


def test_the_same_key_with_another_request_is_a_conflict(program: Program) -> None:
    program.post("referrals/", BODY, headers=KEY)
    refused = program.post("referrals/", body(patient__mrn="4712"), headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert Journey.objects.count() == 1


def test_keys_of_two_clients_have_nothing_to_do_with_each_other(
    program: Program, new_program: NewProgram, center: Center
) -> None:
    program.post("referrals/", BODY, headers=KEY)
    assert "Idempotency-Replayed" not in new_program(center).post("referrals/", BODY, headers=KEY)
    assert Journey.objects.count() == 2


def test_a_refusal_is_not_kept_so_a_corrected_request_may_use_its_key(program: Program) -> None:
    program.post("referrals/", BODY)
    assert program.post("referrals/", body(patient__birth_date="2018-04-03"), headers=KEY).status_code == 409
    assert program.post("referrals/", BODY, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "ключ".encode().decode("latin-1")])
def test_a_key_that_is_no_key_is_refused(program: Program, key: str) -> None:
    assert list(errors(program.post("referrals/", BODY, headers={"Idempotency-Key": key}))) == [
        "Idempotency-Key"
    ]


def test_answers_are_forgotten_after_a_day(program: Program) -> None:
    program.post("referrals/", BODY, headers=KEY)
    with time_machine.travel(timezone.now() + KEPT_FOR - timedelta(minutes=1)):
        forget_answers()
        assert IdempotencyKey.objects.count() == 1
    with time_machine.travel(timezone.now() + KEPT_FOR + timedelta(minutes=1)):
        forget_answers()
        assert IdempotencyKey.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_twelve_tries_at_once_with_one_key_make_one_journey(center: Center, new_program: NewProgram) -> None:
    token = new_program(center).token
    start = threading.Barrier(12)
    answers: list[Answer] = []

    def send() -> None:
        program = Program(token)
        start.wait()
        try:
            answers.append(program.post("referrals/", BODY, headers=KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted("Idempotency-Replayed" in answer for answer in answers) == [False] + [True] * 11
    assert Journey.objects.count() == 1
