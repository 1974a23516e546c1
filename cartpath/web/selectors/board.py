"""The board: every open journey of a center as a card, by stage. Three queries, however many children."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from cartpath.accounts.models import Center, User
from cartpath.core.dates import day_post
from cartpath.protocols import catalog
from cartpath.protocols.schema import Protocol
from cartpath.web.components import DueState
from cartpath.web.selectors.warnings import CardWarning, warnings_of
from patients.banner import product_label
from patients.enums import Stage
from patients.models import Status
from patients.pace import days_allowed, expected_days

COLUMN_LIMIT: Final = 60
# The filter for lateness also needs the protocols, which the database doesn't know: then all rows are read.
NO_LIMIT: Final = 100_000
MINE_WITHIN: Final = timedelta(days=7)
STAGES: Final = tuple(stage for stage in Stage if stage != Stage.CLOSED)

# The reminder that a card shows: the one that is overdue longest, else the one that is due next.
_DUE_SQL: Final = """
SELECT label, due_on, due_at, opens_at, closes_at FROM (
    (SELECT 1 AS rank, label, due_on, due_at, opens_at, closes_at FROM reminders_reminder
     WHERE journey_id = status.journey_id AND state = 'open' AND due_at <= %(at)s AND closes_at <= %(at)s
     ORDER BY due_at LIMIT 1)
    UNION ALL
    (SELECT 2, label, due_on, due_at, opens_at, closes_at FROM reminders_reminder
     WHERE journey_id = status.journey_id AND state = 'open'
     ORDER BY due_at LIMIT 1)
) found ORDER BY rank LIMIT 1
"""

_BOARD_SQL: Final = f"""
WITH placed AS (
    SELECT status.journey_id, status.patient_id, status.stage, status.stage_since, status.product,
           status.protocol_id, status.protocol_version, status.infused_at, status.planned_apheresis_at,
           status.crs_current, status.icans_current, due.*,
           row_number() OVER (
               PARTITION BY status.stage ORDER BY due.due_at NULLS LAST, status.stage_since, status.journey_id
           ) AS place,
           count(*) OVER (PARTITION BY status.stage) AS in_stage
    FROM patients_status status
    LEFT JOIN LATERAL ({_DUE_SQL}) due ON TRUE
    WHERE status.center_id = %(center)s
      AND status.stage = ANY(%(stages)s)
      AND (%(product)s = '' OR status.product = %(product)s)
      AND (NOT %(mine)s OR EXISTS (
          SELECT FROM reminders_reminder mine
          WHERE mine.journey_id = status.journey_id AND mine.state = 'open'
            AND mine.opens_at < %(soon)s AND mine.role = ANY(%(roles)s)
      ))
)
SELECT placed.*, patient.family_name, patient.given_name, patient.birth_date, patient.mrn,
       weighed.weight_kg, treated.exposures,
       EXISTS (
           SELECT FROM manufacturing_batch batch
           WHERE batch.journey_id = placed.journey_id AND batch.state = 'out_of_specification'
       ) AS deviation_waits
FROM placed
JOIN patients_patient patient ON patient.id = placed.patient_id
LEFT JOIN LATERAL (
    SELECT weight_kg
    FROM patients_measurement measurement
    WHERE measurement.patient_id = placed.patient_id
      AND measurement.weight_kg IS NOT NULL AND measurement.measured_at <= %(at)s
    ORDER BY measurement.measured_at DESC
    LIMIT 1
) weighed ON TRUE
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(drug_class, last_dose_at, last_dose_on)) AS exposures
    FROM patients_treatment treatment
    WHERE treatment.journey_id = placed.journey_id AND placed.stage IN ('accepted', 'apheresis_planned')
) treated ON TRUE
WHERE placed.place <= %(limit)s
ORDER BY placed.place
"""

_CLOSED_SQL: Final = "SELECT count(*) FROM patients_status WHERE center_id = %s AND stage = 'closed'"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """What the board is narrowed to; an empty product means all."""

    product: str = ""
    mine: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One child in one stage.

    `days` in the stage stand against `expected` of the protocol, None where it says nothing. `day` counts
    from the infusion. `due` is a day for calendar items and a time for those counted in hours.
    """

    journey_id: UUID
    family_name: str
    given_name: str
    birth_date: date
    mrn: str
    weight_kg: Any
    product: str
    days: int
    expected: int | None
    day: int | None
    label: str | None
    due: date | datetime | None
    due_state: DueState | None
    warnings: tuple[CardWarning, ...]

    @property
    def is_slow(self) -> bool:
        """Whether the child has been in this stage for longer than the protocol expects."""
        return self.expected is not None and self.days > self.expected

    @property
    def is_late(self) -> bool:
        """Whether something is overdue, or the stage takes too long."""
        return self.due_state == "overdue" or self.is_slow

    @property
    def share(self) -> int:
        """How much of the expected days is used up, in percent, at most 100; 0 without an expectation."""
        if not self.expected:
            return 0
        return min(round(self.days * 100 / self.expected), 100)


@dataclass(frozen=True, slots=True)
class Column:
    """One stage. `total` counts all its children, also those beyond the cards shown."""

    stage: Stage
    cards: Sequence[Card]
    total: int

    @property
    def hidden(self) -> int:
        """Children that have no card, because the column would be too long."""
        return self.total - len(self.cards)


@dataclass(frozen=True, slots=True)
class Board:
    """All open stages of a center, and how many journeys are closed."""

    columns: Sequence[Column]
    closed: int

    @property
    def total(self) -> int:
        """Open journeys that pass the filter."""
        return sum(column.total for column in self.columns)


def board(user: User, center: Center, wanted: BoardFilter, *, at: datetime) -> Board:
    """The board of one center at a time. The caller has checked that the person may see its patients."""
    rows = _rows(user, center, wanted, at)
    currents = catalog.currents(center)
    by_stage: dict[Stage, list[Card]] = {stage: [] for stage in STAGES}
    totals: dict[Stage, int] = dict.fromkeys(STAGES, 0)
    for row in rows:
        stage = Stage(row["stage"])
        by_stage[stage].append(_card(row, center, currents, at))
        totals[stage] = row["in_stage"]
    columns = [_column(stage, cards, totals[stage], wanted) for stage, cards in by_stage.items()]
    return Board(columns, _closed(center))


def stage_list(center: Center, stage: Stage) -> QuerySet[Status]:
    """The journeys of one stage with child, the latest to come first."""
    found = Status.objects.filter(center=center, stage=stage).select_related("patient", "journey")
    return found.order_by("-stage_since", "journey_id")


def _column(stage: Stage, cards: list[Card], total: int, wanted: BoardFilter) -> Column:
    if not wanted.late:
        return Column(stage, cards, total)
    late = [card for card in cards if card.is_late]
    return Column(stage, late[:COLUMN_LIMIT], len(late))


def _rows(user: User, center: Center, wanted: BoardFilter, at: datetime) -> list[dict[str, Any]]:
    values = {
        "center": center.pk,
        "stages": [stage.value for stage in STAGES],
        "product": wanted.product,
        "mine": wanted.mine,
        "roles": sorted(user.roles_by_center.get(center.pk, ())),
        "at": at,
        "soon": at + MINE_WITHIN,
        "limit": NO_LIMIT if wanted.late else COLUMN_LIMIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOARD_SQL, cast("dict[str, Any]", values))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _closed(center: Center) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED_SQL, [center.pk])
        return int(cursor.fetchone()[0])


def _card(row: dict[str, Any], center: Center, currents: Mapping[str, Protocol], at: datetime) -> Card:
    today = at.astimezone(center.zone).date()
    infused_at: datetime | None = row["infused_at"]
    return Card(
        journey_id=row["journey_id"],
        family_name=row["family_name"],
        given_name=row["given_name"],
        birth_date=row["birth_date"],
        mrn=row["mrn"],
        weight_kg=row["weight_kg"],
        product=product_label(row["product"]).partition(" (")[0],
        days=(today - row["stage_since"].astimezone(center.zone).date()).days,
        expected=_expected_days(row, currents),
        day=day_post(infused_at.astimezone(center.zone).date(), today) if infused_at else None,
        label=row["label"],
        due=row["due_on"] or row["due_at"],
        due_state=_due_state(row, at),
        warnings=warnings_of(row, center, at),
    )


def _expected_days(row: dict[str, Any], currents: Mapping[str, Protocol]) -> int | None:
    if row["stage"] == Stage.REFERRED and row["due_at"] is None:
        return None  # Deferred: it waits for its own date.
    if not row["protocol_id"]:
        return days_allowed(currents[row["product"]], Stage(row["stage"]))
    return expected_days(row["protocol_id"], row["protocol_version"], row["stage"])


def _due_state(row: dict[str, Any], at: datetime) -> DueState | None:
    if row["due_at"] is None:
        return None
    if row["closes_at"] <= at:
        return "overdue"
    return "due" if row["opens_at"] <= at else "upcoming"
