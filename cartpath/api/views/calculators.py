"""The calculators, for any known token: no patient is named, nothing is stored or logged."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view

from cartpath.api.documents import AnswerDocument, CalculatorDocument, Page, RefusedInputDocument
from cartpath.api.problems import ApiRefusal, no_store, problem
from cartpath.api.reading import WHOLE_BODY, read_json
from cartpath.api.schema import CONDITIONAL, Shape, refusals
from cartpath.api.views.base import JSON, ApiRequest, ApiView, answer, record
from cartpath.calculators.evaluate import INVALID_INPUT, as_json, evaluate, input_schema
from cartpath.calculators.registry import CALCULATORS, Calculator

__all__ = ["CALCULATOR_VIEWS", "CalculatorView", "CalculatorsView", "no_calculator"]

_REFUSED: Final = {
    (422, "application/problem+json"): OpenApiResponse(
        Shape(RefusedInputDocument), description="Bad input; `error` as the command line gives it."
    )
}


class CalculatorsView(ApiView):
    """`/calculators/`"""

    scopes: ClassVar = {"GET": None}

    @extend_schema(
        operation_id="calculators",
        summary="List the calculators",
        description="All of them on one page, in the order of the child's way; `input` is a JSON schema.",
        responses={200: Shape(Page[CalculatorDocument], "CalculatorsPage"), **refusals(401, 429)},
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """Every calculator."""
        return answer({"results": [_document(each) for each in CALCULATORS.values()], "next": None})


class CalculatorView(ApiView):
    """`/calculators/NAME/`; one class for each calculator, so that each is described by itself."""

    scopes: ClassVar = {"GET": None, "POST": None}
    calculator: ClassVar[Calculator]

    def get(self, request: ApiRequest) -> HttpResponse:
        """What the calculator is for, and its input."""
        return record(request, _document(self.calculator))

    def post(self, request: ApiRequest) -> HttpResponse:
        """The answer, byte for byte as the command line writes it."""
        found = evaluate(self.calculator, read_json(request))
        if "error" in found:
            raise _refusal(found)
        return no_store(HttpResponse(as_json(found).encode(), content_type=JSON))


def _refusal(found: Mapping[str, Any]) -> ApiRefusal:
    fields = {path or WHOLE_BODY: why for path, why in found["error"]["fields"].items()}
    return ApiRefusal(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        INVALID_INPUT,
        "The input is not valid.",
        fields=fields,
        members={"name": found["name"], "error": found["error"]},
    )


def _document(calculator: Calculator) -> CalculatorDocument:
    return {
        "name": calculator.name,
        "title": str(calculator.title),
        "stage": calculator.stage.value,
        "purpose": str(calculator.purpose),
        "source": str(calculator.source),
        "scale": calculator.scale or None,
        "url": reverse(f"api:calculator_{calculator.name}"),
        "input": input_schema(calculator),
    }


def _view_of(calculator: Calculator) -> type[CalculatorView]:
    name = calculator.name
    describe = extend_schema_view(
        get=extend_schema(
            operation_id=f"calculator_{name}",
            summary=f"Describe the calculator {name}",
            parameters=[*CONDITIONAL],
            responses={
                200: Shape(CalculatorDocument),
                304: None,
                **refusals(401, 429),
            },
        ),
        post=extend_schema(
            operation_id=f"calculate_{name}",
            summary=f"Calculate {name}",
            description=f"The answer of `manage.py calculate {name}`. Nothing is stored.",
            request=Shape(calculator.input_type),
            responses={200: Shape(AnswerDocument), **refusals(401, 415, 429), **_REFUSED},
        ),
    )
    view = type(f"Calculator_{name}", (CalculatorView,), {"calculator": calculator})
    return cast("type[CalculatorView]", describe(view))


CALCULATOR_VIEWS: Final[Mapping[str, type[CalculatorView]]] = {
    name: _view_of(calculator) for name, calculator in CALCULATORS.items()
}


@csrf_exempt
def no_calculator(request: HttpRequest, name: str) -> HttpResponse:
    """404, and where the names are listed."""
    listed = reverse("api:calculators")
    return problem(
        ApiRefusal(HTTPStatus.NOT_FOUND, "not_found", f"There is no calculator of this name. See {listed}.")
    )
