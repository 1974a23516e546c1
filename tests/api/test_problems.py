"""Whatever goes wrong below /api/v1/ is answered with a problem document that gives nothing away."""

import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.core.signals import got_request_exception
from django.db import IntegrityError, OperationalError
from django.test import Client, RequestFactory
from psycopg import errors as postgres
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from cartpath.accounts.enums import Scope
from cartpath.accounts.models import Center
from cartpath.api import throttle
from cartpath.api.problems import problem_of
from cartpath.api.views import changes
from patients.models import Patient
from tests.api.conftest import NewProgram
from tests.api.program import Answer, Program
from tests.factories import Story, patient_details

PROBLEM_JSON = "application/problem+json"

# A fixed key, so that every test process collects the same tests.
NOBODY = "ca017d69-c2c4-4c50-93bf-ac9abb1e4b24"


def problem(response: Answer) -> dict[str, Any]:
    assert response["Content-Type"] == PROBLEM_JSON
    assert response["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(response.content)
    assert found["status"] == response.status_code
    assert {"type", "title", "status", "code", "detail"} <= set(found)
    return found


@pytest.mark.parametrize("path", ["nothing/", "journeys/7/", "journeys", f"journeys/{NOBODY.upper()}/", ""])
def test_an_unknown_address_is_a_problem(path: str) -> None:
    found = problem(Client().get(f"/api/v1/{path}"))
    assert (found["status"], found["code"]) == (404, "not_found")
    assert ("slash" in found["detail"]) == (not f"/{path}".endswith("/"))


def test_a_wrong_method_says_which_are_possible(program: Program) -> None:
    response = program.http.delete("/api/v1/journeys/")
    assert problem(response)["code"] == "method_not_allowed"
    assert (response.status_code, response["Allow"]) == (405, "GET, OPTIONS")
    assert problem(program.http.get("/api/v1/referrals/"))["status"] == 405


def test_options_names_the_methods() -> None:
    response = Client().options("/api/v1/referrals/")
    assert (response.status_code, response["Allow"]) == (204, "POST, OPTIONS")


def test_head_answers_as_get_does(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}
    assert program.http.head("/api/v1/journeys/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_anything_but_json_is_refused(program: Program, content_type: str) -> None:
    response = program.http.post(
        "/api/v1/referrals/",
        b"x=1",
        content_type=content_type,
        headers={"Authorization": f"Bearer {program.token}"},
    )
    assert (response.status_code, problem(response)["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'"x"', b"null", b'{"patient": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_bad_input(program: Program, body: bytes) -> None:
    response = program.http.post(
        "/api/v1/referrals/",
        body,
        content_type="application/json; charset=utf-8",
        headers={"Authorization": f"Bearer {program.token}"},
    )
    found = problem(response)
    assert (found["status"], found["code"]) == (422, "invalid_input")
    assert found["errors"]


def test_a_body_beyond_the_limit_is_too_large(program: Program, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = program.http.post(
        "/api/v1/referrals/",
        b" " * 200,
        content_type="application/json",
        headers={"Authorization": f"Bearer {program.token}"},
    )
    assert (response.status_code, problem(response)["code"]) == (413, "too_large")


def test_a_host_that_is_not_ours_is_a_bad_request(program: Program, story: Story) -> None:
    for _ in range(2):
        story.referred()
    response = program.http.get(
        "/api/v1/journeys/?page_size=1",
        headers={"Authorization": f"Bearer {program.token}", "Host": "evil.example"},
    )
    assert (response.status_code, problem(response)["code"]) == (400, "bad_request")


def test_a_program_gets_no_cookie_and_nothing_that_a_browser_could_run(program: Program) -> None:
    response = program.get("journeys/", headers={"Accept-Language": "it", "Cookie": "sessionid=x"})
    assert not response.cookies
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Accept-Language" not in response["Vary"]


def test_too_many_requests_are_told_when_to_come_back(
    program: Program, settings: Any, center: Center
) -> None:
    settings.API_RATE_PER_MINUTE = 3
    assert [program.get("journeys/").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = program.get("journeys/")
    assert problem(refused)["code"] == "too_many_requests"
    assert 1 <= int(refused["Retry-After"]) <= 20


def test_one_client_does_not_spend_the_share_of_another(
    program: Program, new_program: NewProgram, settings: Any, center: Center
) -> None:
    settings.API_RATE_PER_MINUTE = 1
    assert [program.get("journeys/").status_code for _ in range(2)] == [200, 429]
    assert new_program(center).get("journeys/").status_code == 200


def test_a_share_comes_back_evenly_and_is_never_larger_than_a_minute() -> None:
    client = uuid4()

    def wait(now: float) -> float:
        return throttle.seconds_to_wait(client, now=now, rate_per_minute=6)

    assert [wait(1000.0) for _ in range(7)] == [0, 0, 0, 0, 0, 0, pytest.approx(10)]
    assert wait(1009.9) == pytest.approx(0.1)
    assert wait(1010.0) == 0
    assert [wait(5000.0) == 0 for _ in range(7)] == [True] * 6 + [False]
    assert throttle.seconds_to_wait(client, now=5000.0, rate_per_minute=0) == 0


SECRET = "MRN 4711"


class Unexpected(Exception):
    """Something nobody thought of, whose text names a patient."""


@pytest.fixture
def broken_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise Unexpected(SECRET)

    monkeypatch.setattr(changes, "changes", fail)


def test_the_unexpected_is_reported_without_a_patient(
    program: Program, broken_feed: None, caplog: pytest.LogCaptureFixture
) -> None:
    reported: list[Any] = []
    got_request_exception.connect(lambda **signal: reported.append(signal), weak=False, dispatch_uid="test")
    try:
        program.http.raise_request_exception = False
        response = program.http.get("/api/v1/changes/", headers={"Authorization": f"Bearer {program.token}"})
    finally:
        got_request_exception.disconnect(dispatch_uid="test")
    assert problem(response)["code"] == "internal_error"
    assert response.status_code == 500
    assert len(reported) == 1
    assert "Unexpected in GET api:changes" in caplog.text
    assert SECRET not in caplog.text + response.content.decode()


def test_a_lost_race_in_the_database_may_be_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    deadlock = OperationalError("DETAIL: secret")
    deadlock.__cause__ = postgres.DeadlockDetected()
    with caplog.at_level(logging.ERROR):
        response = problem_of(deadlock, RequestFactory().get("/"))
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert problem(response)["code"] == "unavailable"
    assert caplog.text == ""


def test_a_lost_database_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    request = RequestFactory().get("/")
    request.resolver_match = None
    response = problem_of(OperationalError("host=db password=secret"), request)
    assert response.status_code == 503
    assert "OperationalError" in caplog.text
    assert "secret" not in caplog.text + response.content.decode()


@pytest.mark.django_db
def test_a_broken_constraint_speaks_in_its_own_words(center: Center) -> None:
    details = patient_details()
    kept = {"center": center, "mrn": details.mrn, "sex": "female", "birth_date": details.birth_date}
    Patient.objects.create(**kept)
    for change, status, code in (
        ({}, 409, "patient_mrn_once"),
        ({"mrn": "other", "sex": "?"}, 422, "patient_sex_known"),
    ):
        found = problem(problem_of(broken({**kept, **change}), RequestFactory().get("/")))
        assert (found["status"], found["code"]) == (status, code)
        assert details.mrn not in found["detail"]


def broken(row: dict[str, Any]) -> IntegrityError:
    from django.db import transaction

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Patient.objects.create(**row)
    return caught.value


class Plain(APIView):
    """A view that forgot to be one of ours, and one that did not name a scope."""

    scopes = {"GET": Scope.JOURNEYS_READ}

    def get(self, request: Any) -> Response:
        """Whoever comes in."""
        return Response({"name": request.auth.name})


@pytest.mark.django_db
def test_a_plain_view_is_guarded_all_the_same(center: Center, new_program: NewProgram, settings: Any) -> None:
    def ask(program: Program, method: str = "get") -> Answer:
        request = getattr(APIRequestFactory(), method)("/", headers=program._headers(None))
        response: Answer = Plain.as_view()(request)
        return response.render() if hasattr(response, "render") else response

    assert problem(ask(Program(None)))["code"] == "not_authenticated"
    assert problem(ask(new_program(center, scopes=["slots:read"])))["code"] == "wrong_scope"
    assert problem(ask(new_program(center), "post"))["status"] == 403
    assert json.loads(ask(new_program(center)).content) == {"name": "Registry"}
    settings.API_RATE_PER_MINUTE = 1
    limited = new_program(center)
    assert [ask(limited).status_code for _ in range(2)] == [200, 429]


def test_sentences_are_english_whoever_used_the_thread_before(program: Program, story: Story) -> None:
    from django.utils import translation

    story.referred()
    with translation.override("it"):
        found = problem(program.post(f"journeys/{story.journey_id}/toxicity-assessments/", {}))
    assert found["errors"] == {"crs": "Assess CRS, ICANS, or both."}
