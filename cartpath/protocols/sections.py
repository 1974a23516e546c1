"""The sections of protocol files, as frozen standard dataclasses that pydantic validates at load."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.protocols.bedside_rows import CheckInterval
from cartpath.protocols.plan import Series
from cartpath.protocols.rows import Figure, Limit, Row, Text
from cartpath.protocols.words import Antigen, CollectionSource, Region, Role, Severity

Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]
Days = Annotated[int, Ge(0)]
Percent = Annotated[float, Gt(0), Le(100)]
Grade = Annotated[int, Ge(0), Le(5)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseBand(Row):
    """The permitted dose in a band of body weight: above `above_kg`, up to and including `up_to_kg`.

    Cells are CAR-positive viable T cells, per kilogram or in total by `basis`; `cap_cells` is the most in
    total. A label that names one target dose has the same figure in `min_cells` and `max_cells`.
    `usual_cells` is the dose usually given inside a range, on the same basis.
    """

    label: Text
    basis: Literal["per_kg", "flat"]
    min_cells: Positive
    max_cells: Positive
    above_kg: NotNegative = 0
    up_to_kg: Positive | None = None
    cap_cells: Positive | None = None
    usual_cells: Positive | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseFraction(Row):
    """One part of a split dose, and the gate before it.

    Exactly one of `cells` and `percent` (of the whole dose of the child) is given. `on_day` counts as the
    product counts (`first_infusion_day`); None where the maker names no day. The blasts of the marrow choose
    between parts of the same number: above `blasts_above_percent`, up to and including
    `blasts_up_to_percent`, in a sample of at most `marrow_within_days` before lymphodepletion begins.

    The gate: the part may be given while the grade of CRS and ICANS of the day is at most `max_crs_grade`
    and `max_icans_grade`. A higher grade postpones it, at the latest to `postpone_until_day`; from
    `stop_from_crs_grade` or `stop_from_icans_grade`, reached on any day since the part before, it's not
    given at all. None means that no source states such a limit.
    """

    label: Text
    fraction: Annotated[int, Ge(1)]
    on_day: Days | None = None
    cells: Positive | None = None
    percent: Percent | None = None
    day_tolerance: Days = 0
    blasts_above_percent: NotNegative | None = None
    blasts_up_to_percent: NotNegative | None = None
    marrow_within_days: Days | None = None
    max_crs_grade: Grade | None = None
    max_icans_grade: Grade | None = None
    postpone_until_day: Days | None = None
    stop_from_crs_grade: Grade | None = None
    stop_from_icans_grade: Grade | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiry(Row):
    """How many calendar months after collection the material may still be used."""

    label: Text
    months: Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement(Row):
    """A rule in words only."""

    text: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """The medicine. `first_infusion_day` is 0 or 1: makers count the day of infusion differently.

    `target` is the antigen the CAR recognizes, `collection_source` whose cells it is made of and how they are
    taken. The dose rows may all be drafts: then no dose rule is approved, and every dose range is unknown.
    """

    __pydantic_config__ = INPUT_CONFIG

    name: Text
    label: Text
    region: Region
    first_infusion_day: Literal[0, 1]
    target: Antigen = "CD19"
    collection_source: CollectionSource = "autologous_apheresis"
    indications: Annotated[tuple[Statement, ...], MinLen(1)]
    dose: Annotated[tuple[DoseBand, ...], MinLen(1)]
    fractions: tuple[DoseFraction, ...] = ()
    expiry: tuple[Expiry, ...] = ()

    @property
    def is_from_donor(self) -> bool:
        """Whether the cells come from a second person."""
        return self.collection_source.startswith("donor_")


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionTarget(Limit):
    """What the cells of all collection days together must hold, by quantity."""

    quantity: Literal["tnc", "cd3", "cd3_percent", "mnc"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """What a collection must hold to be accepted by the maker; empty when no rule is known.

    `donor` holds the figures about the person who gives the cells, for products made of a donor's cells,
    `bags` the limits on the concentration in each frozen bag, in 10⁸ nucleated cells per mL.
    """

    __pydantic_config__ = INPUT_CONFIG

    targets: tuple[CollectionTarget, ...]
    donor: tuple[Figure, ...] = ()
    bags: tuple[Limit, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone(Row):
    """One step of manufacturing, in the order of the file, with the day after collection it is expected."""

    label: Text
    expected_days: Days | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manufacturing:
    """Steps from order to receipt, and the criteria of release: figures, and findings in words."""

    __pydantic_config__ = INPUT_CONFIG

    milestones: Annotated[tuple[Milestone, ...], MinLen(1)]
    release: tuple[Limit, ...] = ()
    release_findings: tuple[Statement, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RegimenDrug:
    """One drug of a regimen: dose of a day per square meter of body surface, and on how many days."""

    __pydantic_config__ = INPUT_CONFIG

    drug: Text
    mg_per_m2: Positive
    days: Annotated[int, Ge(1)]
    first_day: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Regimen(Row):
    """A lymphodepletion regimen; `default` is the one proposed, `when` says when another is thought of."""

    label: Text
    drugs: Annotated[tuple[RegimenDrug, ...], MinLen(1)]
    default: bool = False
    when: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InfusionWindow(Row):
    """Days from the last day of lymphodepletion to the infusion; no `max_days` when none is stated."""

    label: Text
    min_days: Days
    max_days: Days | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Relymphodepletion(Row):
    """When lymphodepletion should be repeated: both conditions must be true. A question, never an order."""

    question: Text
    more_than_days: Annotated[int, Ge(1)]
    wbc_above_per_ul: NotNegative


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver(Row):
    """When lymphodepletion might be left out. The physician decides; nothing is omitted by itself."""

    question: Text
    wbc_up_to_per_ul: NotNegative
    within_days: Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lymphodepletion:
    """Regimens and the questions around them. Of dated rows the one in force is used.

    Regimens may be drafts or missing: then none is proposed until a center approves or adds one.
    """

    __pydantic_config__ = INPUT_CONFIG

    regimens: tuple[Regimen, ...] = ()
    window: tuple[InfusionWindow, ...] = ()
    relymphodepletion: tuple[Relymphodepletion, ...] = ()
    waiver: tuple[Waiver, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ChecklistItem(Row):
    """One thing to be confirmed before lymphodepletion or before the infusion."""

    label: Text
    phase: Literal["before_lymphodepletion", "before_infusion"]
    severity: Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Infusion:
    """Checklist, limits and figures of the day of infusion."""

    __pydantic_config__ = INPUT_CONFIG

    checklist: Annotated[tuple[ChecklistItem, ...], MinLen(1)]
    limits: tuple[Limit, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation(Row):
    """An observation of the ward's own chart: shown, never turned into reminders."""

    label: Text
    schedule: Text
    step_up: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Restriction(Row):
    """What the family must keep to after the infusion, and for how many days."""

    label: Text
    kind: Literal["daily_monitoring", "monitoring", "proximity", "driving"]
    days: Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitoring:
    """Acute monitoring: expected items, rhythm of checks, the ward's observations, restrictions at home."""

    __pydantic_config__ = INPUT_CONFIG

    items: Annotated[tuple[Series, ...], MinLen(1)]
    checks: tuple[CheckInterval, ...] = ()
    observations: tuple[Observation, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment(Row):
    """One examination of follow-up: the visits at which it is due, and those where it is if indicated.

    A visit is written as its item's name; `visit_month_15..24` stands for all from month 15 to month 24.
    """

    label: Text
    due: tuple[Text, ...] = ()
    if_indicated: tuple[Text, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BCellLoss(Row):
    """When a sample shows B cells: by the share of CD19+ cells, by CD19+ cells per microliter, or by both.

    A value counts when it's above its limit, or with `or_equal` at it. Of two limits either is enough
    (`any`), or both must be passed (`all`); a center that goes by one value only leaves the other limit out.
    """

    label: Text
    percent_above: NotNegative | None = None
    per_ul_above: NotNegative | None = None
    or_equal: bool = False
    require: Literal["any", "all"] = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class BCellConfirmation(Row):
    """A second sample confirms the loss when it is taken so many days after the first."""

    label: Text
    after_days: Days
    within_days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class BCellEarlyLoss(Row):
    """Loss counts as early before so many calendar months after the infusion."""

    label: Text
    before_months: Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class BCellRecovery(Row):
    """After a confirmed loss, a further sample with B cells so many days later: they are back for good."""

    label: Text
    after_days: Days


@dataclass(frozen=True, kw_only=True, slots=True)
class BCellAplasia:
    """How loss of B-cell aplasia is defined and confirmed. Without `recovery` a loss stays a loss."""

    __pydantic_config__ = INPUT_CONFIG

    loss: BCellLoss
    confirmation: BCellConfirmation
    early_loss: BCellEarlyLoss
    recovery: BCellRecovery | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationStep(Row):
    """Whom to tell next when an item of up to this priority stays undone so many hours after its window.

    `items` (names of items, or ids of the rows they come from) and `roles` (whose task it is) narrow it;
    empty, it holds for all.
    """

    label: Text
    up_to_priority: Annotated[int, Ge(1)]
    after_hours: NotNegative
    role: Role
    items: tuple[Text, ...] = ()
    roles: tuple[Role, ...] = ()
