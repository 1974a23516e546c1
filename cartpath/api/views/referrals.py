"""Referrals: a new journey, from the program of the referring side."""

from typing import ClassVar

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.accounts.models import Center
from cartpath.api.auth import Client
from cartpath.api.bodies import ReferralBody
from cartpath.api.documents import StatusDocument
from cartpath.api.idempotency import Reply
from cartpath.api.reading import read_body, renamed
from cartpath.api.schema import IDEMPOTENT, Shape, refusals
from cartpath.api.status import status_of
from cartpath.api.views.base import ApiRequest, ApiView, written
from cartpath.core.errors import Invalid, NotFound
from cartpath.core.inputs import invalid_input
from patients.referrals import (
    referral_register,
)
from patients.services import (
    refuse_future,
)


class ReferralsView(ApiView):
    """`/referrals/`"""

    scopes: ClassVar = {"POST": Scope.REFERRALS_WRITE}

    @extend_schema(
        operation_id="referral",
        summary="Register a referral",
        description="Makes the patient, or finds it by MRN within the center, and starts a journey.",
        request=Shape(ReferralBody),
        parameters=[*IDEMPOTENT],
        responses={201: Shape(StatusDocument), **refusals(401, 403, 404, 409, 415, 422, 429)},
    )
    def post(self, request: ApiRequest) -> HttpResponse:
        """201 with the status of the new journey."""
        body = read_body(request, ReferralBody)
        return written(request, lambda: _register(request, body))


def _register(request: ApiRequest, body: ReferralBody) -> Reply:
    center = _center(request.client, body.center)
    referred_at = body.referred_at or request.at
    try:
        refuse_future(referred_at, request.at)
        journey = referral_register(
            center=center,
            patient=body.patient,
            referral=body.referral,
            by=request.client.actor,
            at=referred_at,
        )
    except Invalid as refused:
        raise renamed(refused, at="referred_at") from None
    document = status_of(request.client, journey.pk, at=request.at)
    return Reply.of(document, status=201, location=reverse("api:journey", args=[journey.pk]))


def _center(client: Client, code: str | None) -> Center:
    if code is None and len(client.centers) != 1:
        raise invalid_input({"center": "Name one of your centers by its code."})
    named = next(iter(client.centers.values())) if code is None else client.center_named(code)
    if named is None:
        raise NotFound("There is no such center among yours.")
    return Center.objects.get(pk=named.id)
