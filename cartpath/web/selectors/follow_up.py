"""Who is due in follow-up: every infused child of a center with the visit to think of next.

A child's place follows from the reminders of its visits: overdue while one of them is past its window, unless
a day that is still to come was told to the family, or nobody knows where the child is. Filtered, counted and
paged by the database, so that a thousand children cost as many queries as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, Literal, cast, overload
from uuid import UUID

from django.db import connection
from django.utils.translation import pgettext_lazy

from cartpath.accounts.models import Center
from cartpath.protocols import catalog, registry
from cartpath.web.components import Text
from patients.models import Patient

Place = Literal["overdue", "due", "arranged", "upcoming", "lost", "complete"]
PLACES: Final[dict[Place, Text]] = {
    "overdue": pgettext_lazy("children", "Visit overdue"),
    "due": pgettext_lazy("children", "Visit due"),
    "arranged": pgettext_lazy("children", "Visit arranged"),
    "upcoming": pgettext_lazy("children", "Coming"),
    "lost": pgettext_lazy("children", "Not found"),
    "complete": pgettext_lazy("children", "Nothing planned"),
}

# The places of children, each with its next visit. The visit that is open longest comes first.
_PLACED_SQL: Final = """
WITH found AS MATERIALIZED (
    SELECT status.journey_id, status.patient_id, status.infused_at, status.last_response,
           next.item, next.label, next.due_on, next.first_on, next.last_on,
           coalesce(late.count, 0) AS overdue, told.planned_on, told.starts_at,
           CASE
               WHEN lost.journey_id IS NOT NULL THEN 'lost'
               WHEN next.item IS NULL THEN 'complete'
               WHEN told.planned_on >= %(today)s THEN 'arranged'
               WHEN next.closes_at <= %(at)s OR late.count > 0 THEN 'overdue'
               WHEN next.opens_at <= %(at)s THEN 'due'
               ELSE 'upcoming'
           END AS place
    FROM patients_status status
    LEFT JOIN LATERAL (
        SELECT item, label, due_on, first_on, last_on, due_at, opens_at, closes_at
        FROM reminders_reminder
        WHERE journey_id = status.journey_id AND state = 'open' AND item = ANY(%(items)s)
        ORDER BY due_at, item
        LIMIT 1
    ) next ON TRUE
    LEFT JOIN LATERAL (
        SELECT count(*) AS count
        FROM reminders_reminder
        WHERE journey_id = status.journey_id AND state = 'open' AND item = ANY(%(items)s)
          AND due_at <= %(at)s AND closes_at <= %(at)s
    ) late ON TRUE
    LEFT JOIN LATERAL (
        SELECT arranged.planned_on, arranged.starts_at
        FROM followup_arrangedvisit arranged
        JOIN followup_arrangeditem line ON line.arranged_id = arranged.id
        WHERE arranged.journey_id = status.journey_id AND arranged.canceled_at IS NULL
          AND line.item = next.item
        ORDER BY arranged.planned_on DESC
        LIMIT 1
    ) told ON TRUE
    LEFT JOIN followup_loss lost ON lost.journey_id = status.journey_id AND lost.found_on IS NULL
    WHERE status.center_id = %(center)s
      AND status.stage IN ('infused', 'follow_up') AND status.infused_at IS NOT NULL
      AND (%(patients)s::uuid[] IS NULL OR status.patient_id = ANY(%(patients)s::uuid[]))
)
"""

_COUNT_SQL: Final = f"{_PLACED_SQL} SELECT place, count(*) FROM found GROUP BY place"

_ORDER: Final = """
array_position(ARRAY['overdue', 'due', 'arranged', 'upcoming', 'lost', 'complete'], place),
coalesce(planned_on, due_on), journey_id
"""

_PAGE_SQL: Final = f"""
{_PLACED_SQL}, shown AS (
    SELECT * FROM found WHERE %(place)s = '' OR place = %(place)s
    ORDER BY {_ORDER} LIMIT %(limit)s OFFSET %(offset)s
)
SELECT shown.*, patient.family_name, patient.given_name, patient.birth_date, patient.mrn, last.visited_on
FROM shown
JOIN patients_patient patient ON patient.id = shown.patient_id
LEFT JOIN LATERAL (
    SELECT max(visited_on) AS visited_on
    FROM followup_visit visit
    WHERE visit.journey_id = shown.journey_id AND visit.struck_at IS NULL
) last ON TRUE
ORDER BY {_ORDER}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedChild:
    """One child in follow-up and the visit to think of next; without `item` no visit is planned any more.

    `overdue` counts visits past their windows. `planned_on` is the day told to the family for this visit,
    which may have passed; `starts_at` is local time.
    """

    journey_id: UUID
    patient_id: UUID
    family_name: str
    given_name: str
    birth_date: date
    mrn: str
    infused_on: date
    last_response: str | None
    item: str | None
    label: str | None
    due_on: date | None
    first_on: date | None
    last_on: date | None
    overdue: int
    planned_on: date | None
    starts_at: time | None
    visited_on: date | None
    place: Place

    @property
    def is_late(self) -> bool:
        """Whether somebody has to act today."""
        return self.place == "overdue"

    @property
    def day_has_passed(self) -> bool:
        """Whether a day was told to the family and nothing was recorded of it."""
        return self.planned_on is not None and self.place != "arranged"


@dataclass(frozen=True, slots=True)
class FollowUpList(Sequence[FollowedChild]):
    """The children of a center in one place, or in any; as long as its count, and read page by page."""

    center: Center
    at: datetime
    place: Place | Literal[""]
    patients: list[UUID] | None
    counts: Mapping[str, int]

    def __len__(self) -> int:
        """How many children there are."""
        return self.counts.get(self.place, 0) if self.place else sum(self.counts.values())

    @overload
    def __getitem__(self, wanted: int) -> FollowedChild: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[FollowedChild]: ...
    def __getitem__(self, wanted: int | slice) -> FollowedChild | Sequence[FollowedChild]:
        """The children of a stretch of the list; one query."""
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        start, stop, _step = wanted.indices(len(self))
        values = _values(self.center, self.at, self.patients)
        rows = _read(_PAGE_SQL, values | {"place": self.place, "limit": stop - start, "offset": start})
        return [FollowedChild(infused_on=self.center.local_day(row.pop("infused_at")), **row) for row in rows]


def follow_up_list(
    center: Center, *, at: datetime, place: Place | Literal[""] = "", text: str = ""
) -> FollowUpList:
    """The children of a center in follow-up whose names or MRN hold every word of `text`.

    The caller has checked that the person may see the center's patients. Two queries with a text, else one;
    each page is one more.
    """
    patients = (
        list(Patient.objects.filter(center=center).matching(text).values_list("pk", flat=True))
        if text
        else None
    )
    counts = {row["place"]: row["count"] for row in _read(_COUNT_SQL, _values(center, at, patients))}
    return FollowUpList(center, at, place, patients, counts)


def _values(center: Center, at: datetime, patients: list[UUID] | None) -> dict[str, Any]:
    return {
        "center": center.pk,
        "at": at,
        "today": center.local_day(at),
        "items": sorted(visit_items(center)),
        "patients": patients,
    }


def visit_items(center: Center) -> set[str]:
    """The names of visits in every protocol that children of a center may be on."""
    protocols = (*registry.all_protocols(), *catalog.editions_in_use(center.pk))
    return {item.item for each in protocols for row in each.follow_up.visits for item in row.items()}


def _read(sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, cast("dict[str, Any]", values))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
