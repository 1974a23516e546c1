"""The API description: complete, valid, public, and shown by Swagger UI under the strict policy."""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from cartpath.api.urls import urlpatterns
from tests.api.program import description, template
from tests.api.test_permissions import OPEN_TO_ALL


def test_the_description_is_valid_and_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", fail_on_warn=True, validate=True, file=str(tmp_path / "schema.yaml"))


def test_it_can_be_read_without_a_token_and_is_kept_until_it_changes() -> None:
    response = Client().get("/api/v1/schema/")
    assert response.status_code == 200
    document = json.loads(response.content)
    assert document["openapi"].startswith("3.1")
    assert document["paths"] == json.loads(json.dumps(description()))["paths"]
    again = Client().get("/api/v1/schema/", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_address_is_described_with_summary_token_and_refusals() -> None:
    closed = [pattern for pattern in urlpatterns if pattern.name not in OPEN_TO_ALL]
    paths = description()["paths"]
    assert len(paths) == len(closed)
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation["summary"], path
            assert operation["security"] == [{"token": []}], path
            wanted = {"401", "429"}
            if "{" in path:
                wanted.add("404")
            if method == "post":
                wanted |= {"415", "422"}
            # The calculators need no scope and change nothing that could stand in the way.
            if not path.startswith("/api/v1/calculators/"):
                wanted |= {"403", "409"} if method == "post" else {"403"}
            assert wanted <= set(operation["responses"]), path


def test_every_body_forbids_what_it_does_not_know() -> None:
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            if method == "post":
                (schema,) = (media["schema"] for media in operation["requestBody"]["content"].values())
                component = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
                assert component["additionalProperties"] is False, path


def test_the_treatment_class_is_described_by_the_name_programs_use() -> None:
    assert "class" in description()["components"]["schemas"]["TreatmentDetails"]["properties"]


@pytest.mark.django_db
def test_the_page_loads_nothing_from_elsewhere_and_has_nothing_inline() -> None:
    response = Client().get("/api/v1/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(sources) == 6
    assert all(source.startswith("/") for source in sources)
    assert not re.search(r"<style|<script>|style=|onload=", page)
    script = Client().get(next(source for source in sources if "script" in source).replace("&amp;", "&"))
    assert script["Content-Type"] == "application/javascript"
    assert b"/api/v1/schema/" in script.content


def test_a_path_of_a_request_is_found_in_the_description() -> None:
    path = "/api/v1/journeys/00000000-0000-0000-0000-000000000000/"
    assert template(path) in description()["paths"]
