"""The calculators for programs: the command line's answers, for any token, and never a traceback."""

import io
import json
import logging
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartpath.accounts.enums import Scope
from cartpath.accounts.models import ApiClient, Center
from cartpath.api.views.calculators import CALCULATOR_VIEWS
from cartpath.calculators.management.commands.calculate import answer_lines
from cartpath.calculators.registry import CALCULATORS
from cartpath.ledger.models import Event
from tests.api.conftest import NewProgram
from tests.api.program import BASE, Answer, Program, description
from tests.rules.calculators.examples import EXAMPLES

NAMES = sorted(CALCULATORS)
PROBLEM = "application/problem+json"


def command_line(name: str, line: bytes) -> bytes:
    """What `manage.py calculate` writes for one line."""
    written = io.BytesIO()
    answer_lines(CALCULATORS[name], io.BytesIO(line), written)
    return written.getvalue().removesuffix(b"\n")


def sent(program: Program, name: str, body: bytes, content_type: str = "application/json") -> Answer:
    """A request with a body of our own making."""
    return Client().post(
        f"{BASE}calculators/{name}/",
        body,
        content_type=content_type,
        headers={"Authorization": f"Bearer {program.token}"},
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_what_the_command_line_prints(name: str, program: Program) -> None:
    for given_input in [each for calculator, each in EXAMPLES if calculator == name]:
        response = program.post(f"calculators/{name}/", given_input)
        assert response.status_code == 200
        assert response.content == command_line(name, json.dumps(given_input).encode())


@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_is_a_problem_with_the_error_of_the_command_line(name: str, program: Program) -> None:
    response = program.post(f"calculators/{name}/", {"shoe_size": 39})
    assert (response.status_code, response["Content-Type"]) == (422, PROBLEM)
    document = response.json()
    printed = json.loads(command_line(name, b'{"shoe_size": 39}'))
    assert (document["name"], document["error"]) == (name, printed["error"])
    assert (document["type"], document["title"]) == ("about:blank", HTTPStatus(422).phrase)
    assert (document["status"], document["code"]) == (422, "invalid_input")
    assert document["errors"]["shoe_size"] == "is not a known field"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"NaN",
        b'{"temperature_c": NaN}',
        b'{"temperature_c": 1e999}',
        b"\xff\xfe{}",
        b"\x00",
        b'{"\\ud800": 1}',
        b"[" * 200_000,
        b'{"a":' * 50_000,
    ],
    ids=range(12),
)
def test_what_is_no_object_is_refused_as_a_whole(body: bytes, program: Program) -> None:
    response = sent(program, "crs", body)
    assert (response.status_code, response["Content-Type"]) == (422, PROBLEM)
    assert response.json()["error"] == json.loads(command_line("crs", body or b" "))["error"]
    assert all(name and why for name, why in response.json()["errors"].items())


def test_too_much_is_refused_before_it_is_read(program: Program) -> None:
    response = sent(program, "icaht", b'{"anc": [' + b"[1, 2]," * 600_000 + b"[1, 2]]}")
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_anything_but_json_is_refused(content_type: str, program: Program) -> None:
    assert sent(program, "crs", b"{}", content_type).status_code == 415


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_an_unknown_name_is_a_404_that_says_where_the_names_are(method: str, program: Program) -> None:
    response = getattr(Client(), method)(
        f"{BASE}calculators/crs_2/", headers={"Authorization": f"Bearer {program.token}"}
    )
    assert (response.status_code, response["Content-Type"]) == (404, PROBLEM)
    assert "/api/v1/calculators/" in response.json()["detail"]


@pytest.mark.django_db
def test_nobody_without_a_token_calculates() -> None:
    for response in (Program(None).post("calculators/crs/", {}), Program(None).get("calculators/")):
        assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_a_token_with_another_scope_and_no_center_is_enough(new_program: NewProgram, center: Center) -> None:
    program = new_program(center, scopes=[Scope.SLOTS_READ])
    ApiClient.objects.get().centers.clear()
    assert program.post("calculators/crs/", {}).status_code == 200


def test_it_is_counted_like_every_other_request(program: Program, settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 2
    statuses = [program.post("calculators/crs/", {}).status_code for _time in range(3)]
    assert statuses == [200, 200, 429]


def test_nothing_is_stored_and_nothing_is_logged(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as asked:
        response = program.post("calculators/capd/", {"answers": ["bitter almonds"] * 8})
    assert response.status_code == 422
    assert len(asked) == 1  # the token
    assert "INSERT" not in asked[0]["sql"] and "UPDATE" not in asked[0]["sql"]
    assert "bitter" not in caplog.text
    assert not Event.objects.exists()
    assert program.post("calculators/crs/", {})["Cache-Control"] == "no-store"


def test_the_list_names_every_calculator_with_its_input(program: Program) -> None:
    found = program.get("calculators/").json()
    assert found["next"] is None
    assert [each["name"] for each in found["results"]] == list(CALCULATORS)
    crs = next(each for each in found["results"] if each["name"] == "crs")
    assert (crs["title"], crs["stage"], crs["scale"]) == ("CRS grade", "toxicity", "ASTCT 2019")
    assert crs["input"]["properties"]["temperature_c"]["anyOf"][0]["maximum"] == 45
    assert crs["input"]["additionalProperties"] is False
    assert program.get(crs["url"]).json() == crs


def test_a_description_is_kept_until_it_changes(program: Program) -> None:
    first = program.get("calculators/icans/")
    assert program.get("calculators/icans/", headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", NAMES)
def test_each_calculator_is_described_by_itself(name: str) -> None:
    operation = description()["paths"][f"/api/v1/calculators/{name}/"]["post"]
    assert operation["operationId"] == f"calculate_{name}"
    (body,) = operation["requestBody"]["content"].values()
    component = body["schema"]["$ref"].rpartition("/")[2]
    assert component == CALCULATORS[name].input_type.__name__


scalars: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["none", "EU", "b_all", "never", "2026-03-02", "2026-03-02T08:00:00+01:00"])
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_is_answered_or_refused(
    name: str, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Straight into the view: the token is somebody else's test."""
    monkeypatch.setattr("cartpath.api.views.base.client_of", lambda _header: ApiClient())
    monkeypatch.setattr("cartpath.api.views.base.refuse_too_many", lambda _client: None)
    fields = [*CALCULATORS[name].input_type.__dataclass_fields__, "something_else"]
    drawn = data.draw(st.dictionaries(st.sampled_from(fields), values, max_size=5) | values)
    body = data.draw(st.just(json.dumps(drawn).encode()) | st.binary(max_size=100))
    request = RequestFactory().post("/", body, content_type="application/json")
    response = CALCULATOR_VIEWS[name].as_view()(request)
    assert response.status_code in (200, 422), response.content
    document = json.loads(response.content)
    assert document["name"] == name
    assert ("error" in document) == (response.status_code == 422)
