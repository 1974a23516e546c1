"""The yardstick: Django views that make one query and answer with its rows as JSON, and do nothing else."""

from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from patients.models import Status


def one(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """One row by its key, as Django's documentation would write it."""
    return JsonResponse(Status.objects.values().get(pk=journey_id))


def one_by_sql(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The same row by a cursor, without the ORM: the least that a Django view with a query can cost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM patients_status WHERE journey_id = %s", [journey_id])
        names = [column.name for column in cursor.description or ()]
        return JsonResponse(dict(zip(names, cursor.fetchone() or (), strict=True)))


def fifty(request: HttpRequest) -> HttpResponse:
    """Fifty rows in the order of an index."""
    rows = Status.objects.order_by("center", "updated_at", "journey").values()[:50]
    return JsonResponse({"results": list(rows)})


urlpatterns = [
    path("one/<uuid:journey_id>/", one),
    path("one-by-sql/<uuid:journey_id>/", one_by_sql),
    path("fifty/", fifty),
]
