"""The status document: one SQL statement for one journey or a page of them, rendered without a serializer.

Only the status table, the patient's identity and the open reminders are read. What depends on the hour (the
day after infusion, what is due, what is overdue) is computed when it is asked for, in the center's zone.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from pydantic_core import to_json

from cartpath.api.auth import Client
from cartpath.api.documents import NextDue, PatientOfStatus, StatusDocument
from cartpath.api.etag import etag_of
from cartpath.api.pagination import Window
from cartpath.core.dates import day_post
from cartpath.core.errors import NotFound
from cartpath.reminders.selectors import HAS_OVERDUE_SQL, NEXT_DUE_SQL, OVERDUE_COUNT_SQL
from patients.services import journey_locked

__all__ = [
    "StatusFilter",
    "StatusRow",
    "local_time",
    "local_time_if_known",
    "rendered",
    "status_etag",
    "status_of",
    "statuses",
]


class StatusRow(NamedTuple):
    """One journey as `_SELECT` returns it. Empty text means the same as NULL: not known."""

    journey_id: UUID
    product: str
    protocol_id: str
    protocol_version: str
    stage: str
    stage_since: datetime
    closing_reason: str
    referred_at: datetime | None
    accepted_at: datetime | None
    apheresis_at: datetime | None
    manufacturing_started_at: datetime | None
    released_at: datetime | None
    lymphodepletion_started_at: datetime | None
    infused_at: datetime | None
    crs_current: int | None
    crs_max: int | None
    icans_current: int | None
    icans_max: int | None
    b_cell_aplasia: str | None
    last_response: str | None
    updated_at: datetime
    patient: PatientOfStatus
    center: tuple[str, str]
    overdue: int
    next_due: dict[str, Any] | None


_OF_STATUS: Final = StatusRow._fields[: StatusRow._fields.index("patient")]

# Subqueries rather than joins: PostgreSQL plans them in two thirds of the time, and planning costs the most.
_SELECT: Final = f"""
SELECT {", ".join(f"status.{column}" for column in _OF_STATUS)},
       (SELECT json_build_object('id', id, 'mrn', mrn, 'birth_date', birth_date)
          FROM patients_patient WHERE id = status.patient_id),
       (SELECT ARRAY[code, timezone] FROM accounts_center WHERE id = status.center_id),
       ({OVERDUE_COUNT_SQL}),
       (SELECT row_to_json(next_due) FROM ({NEXT_DUE_SQL}) next_due)
  FROM {{source}} status
""".replace("{journey}", "status.journey_id")

_ONE: Final = (
    _SELECT.format(source="patients_status")
    + " WHERE status.journey_id = %(journey)s AND status.center_id = ANY(%(centers)s)"
)

# Each center's journeys stand in an index in the order of the list, so that each center is asked for one
# page and no more, however many journeys there are.
_MANY: Final = (
    _SELECT.format(
        source="""(
       SELECT row.* FROM unnest(%(centers)s::bigint[]) AS asked(center_id)
       CROSS JOIN LATERAL (
           SELECT * FROM patients_status status
            WHERE status.center_id = asked.center_id {conditions}
            ORDER BY status.updated_at, status.journey_id LIMIT %(limit)s
       ) row
       ORDER BY row.updated_at, row.journey_id LIMIT %(limit)s
  )"""
    )
    + " ORDER BY status.updated_at, status.journey_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFilter:
    """Which journeys are wanted; None and False mean all."""

    stage: str | None = None
    product: str | None = None
    patient: UUID | None = None
    updated_since: datetime | None = None
    overdue: bool = False

    @property
    def conditions(self) -> str:
        """The SQL of what is asked for, with named parameters."""
        wanted = {
            "status.stage = %(stage)s": self.stage,
            "status.product = %(product)s": self.product,
            "status.patient_id = %(patient)s": self.patient,
            "status.updated_at >= %(updated_since)s": self.updated_since,
            HAS_OVERDUE_SQL.format(journey="status.journey_id"): self.overdue,
        }
        return "".join(f" AND {condition}" for condition, value in wanted.items() if value)

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of the named parameters."""
        return {
            "stage": self.stage,
            "product": self.product,
            "patient": self.patient,
            "updated_since": self.updated_since,
        }


def status_of(client: Client, journey_id: UUID, *, at: datetime) -> StatusDocument:
    """The status of one journey of the client's centers. One query. Raises `NotFound`."""
    parameters: dict[str, Any] = {"journey": journey_id, "centers": client.center_ids, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_ONE, parameters)
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return rendered(StatusRow._make(row), at=at)


def status_etag(client: Client, journey_id: UUID, *, at: datetime) -> str:
    """The `ETag` of one journey's status, which then stays so until the surrounding transaction ends."""
    with journey_locked(journey_id):
        return etag_of(to_json(status_of(client, journey_id, at=at)))


def statuses(center_ids: list[int], wanted: StatusFilter, shown: Window, *, at: datetime) -> list[StatusRow]:
    """Up to `shown.limit` journeys of the centers, the longest unchanged first. One query."""
    conditions = wanted.conditions
    parameters = {**wanted.parameters, "centers": center_ids, "limit": shown.limit, "at": at}
    if shown.after is not None:
        conditions += " AND (status.updated_at, status.journey_id) > (%(last_at)s, %(last_id)s)"
        parameters["last_at"], parameters["last_id"] = shown.after
    with connection.cursor() as cursor:
        cursor.execute(_MANY.replace("{conditions}", conditions), parameters)
        return [StatusRow._make(row) for row in cursor.fetchall()]


def rendered(row: StatusRow, *, at: datetime) -> StatusDocument:
    """The status document of a row, with days counted and times shown in the center's zone."""
    code, timezone = row.center
    zone = ZoneInfo(timezone)
    document: StatusDocument = {
        "id": str(row.journey_id),
        "patient": row.patient,
        "center": code,
        "product": row.product,
        "protocol": {"id": row.protocol_id or None, "version": row.protocol_version or None},
        "stage": row.stage,
        "stage_since": local_time(row.stage_since, zone),
        "day_post_infusion": _day_post_infusion(row.infused_at, at, zone),
        "milestones": {
            "referred": local_time_if_known(row.referred_at, zone),
            "accepted": local_time_if_known(row.accepted_at, zone),
            "apheresis": local_time_if_known(row.apheresis_at, zone),
            "manufacturing_started": local_time_if_known(row.manufacturing_started_at, zone),
            "released": local_time_if_known(row.released_at, zone),
            "lymphodepletion_started": local_time_if_known(row.lymphodepletion_started_at, zone),
            "infused": local_time_if_known(row.infused_at, zone),
        },
        "toxicity": {
            "crs": {"current": row.crs_current, "max": row.crs_max},
            "icans": {"current": row.icans_current, "max": row.icans_max},
        },
        "b_cell_aplasia": row.b_cell_aplasia or None,
        "last_response": row.last_response or None,
        "next_due": _next_due(row.next_due, zone),
        "overdue": row.overdue,
        "updated_at": local_time(row.updated_at, zone),
    }
    if row.closing_reason:
        document["closed_reason"] = row.closing_reason
    return document


def local_time(moment: datetime, zone: tzinfo) -> str:
    """A time with the offset of a zone, as ISO 8601."""
    return moment.astimezone(zone).isoformat()


def local_time_if_known(moment: datetime | None, zone: tzinfo) -> str | None:
    """The same; unknown stays unknown."""
    return None if moment is None else moment.astimezone(zone).isoformat()


def _day_post_infusion(infused_at: datetime | None, at: datetime, zone: tzinfo) -> int | None:
    if infused_at is None:
        return None
    return day_post(infused_at.astimezone(zone).date(), at.astimezone(zone).date())


def _next_due(row: dict[str, Any] | None, zone: tzinfo) -> NextDue | None:
    """A row of `NEXT_DUE_SQL`, its times and days still text, as the document shows it."""
    if row is None:
        return None
    if row["due_on"] is not None:
        return {"item": row["item"], "due": row["due_on"], "window": [row["first_on"], row["last_on"]]}
    due, opens, closes = (
        local_time(datetime.fromisoformat(row[name]), zone) for name in ("due_at", "opens_at", "closes_at")
    )
    return {"item": row["item"], "due": due, "window": [opens, closes]}
