"""A program outside, for tests. Every answer it gets is held against the API description."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

BASE = "/api/v1/"
# What Django's test client returns: a response that also has `json()`.
Answer = Any
FORMATS = FormatChecker(["date", "uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def is_time_with_offset(value: object) -> bool:
    """Whether a text is an ISO 8601 time with its offset."""
    return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document, as a client developer gets it."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


@dataclass
class Program:
    """Sends requests with its token; `path` begins below `/api/v1/`."""

    token: str | None
    http: Client = field(default_factory=Client)

    def get(self, path: str, headers: dict[str, str] | None = None, **parameters: Any) -> Answer:
        """Ask for something. Names that are Python words may carry a trailing underscore: `from_`."""
        query = {name.removesuffix("_"): value for name, value in parameters.items()}
        return self._checked(
            self.http.get(self._address(path), query, headers=self._headers(headers)), "get", path
        )

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send something."""
        return self._checked(
            self.http.post(
                self._address(path),
                b"" if body is None else json.dumps(body),
                content_type="application/json",
                headers=self._headers(headers),
            ),
            "post",
            path,
        )

    def _address(self, path: str) -> str:
        return path if path.startswith(("http://", "/")) else BASE + path

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        known = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        return known | (more or {})

    def _checked(self, response: Any, method: str, path: str) -> Answer:
        refuse_undescribed(response, method, response.request["PATH_INFO"])
        return response


def refuse_undescribed(response: Answer, method: str, path: str) -> None:
    """Fail unless the API description promises this answer."""
    operation = description()["paths"].get(template(path), {}).get(method)
    if operation is None:
        assert response.status_code in (404, 405), f"{method} {path} is not described"
        return
    promised = operation["responses"].get(str(response.status_code))
    assert promised is not None, f"{method} {path} answered {response.status_code}: {response.content!r}"
    if "content" not in promised:
        assert response.content == b""
        return
    schema = promised["content"][response["Content-Type"]]["schema"]
    validator = Draft202012Validator(
        {**schema, "components": description()["components"]}, format_checker=FORMATS
    )
    validator.validate(json.loads(response.content))


def template(path: str) -> str:
    """The described form of a path: `/api/v1/journeys/{journey_id}/`."""
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", resolve(path).route)
