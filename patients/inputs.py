"""What the services of this room take in. The API, the journey file and the forms share these shapes."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day, DayOrMoment

Text = Annotated[str, MinLen(1), MaxLen(120)]
LongText = Annotated[str, MaxLen(400)]
WeightKg = Annotated[float, Ge(0.3), Le(300)]
HeightCm = Annotated[float, Ge(20), Le(250)]
Serology = Literal["negative", "positive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDetails:
    """Who the child is. `mrn` is unique within the center."""

    __pydantic_config__ = INPUT_CONFIG

    mrn: Annotated[str, MinLen(1), MaxLen(40)]
    family_name: Text
    given_name: Text
    birth_date: Day
    sex: Literal["female", "male", "unknown"]
    language: Literal["it", "en", "ar", "de", "es", "fr", "ro", "sq", "uk", "zh"] | None = None
    allergy_state: Literal["known", "none_known", "not_recorded", "unavailable"] = "not_recorded"
    allergies: LongText = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentDetails:
    """A previous treatment; `last_dose` is a time, a day, or unknown.

    `half_life_hours` is the drug's, for washouts of so many days or half-lives, whichever is shorter.
    """

    __pydantic_config__ = INPUT_CONFIG

    drug: Text
    drug_class: Literal[
        "corticosteroid",
        "cytotoxic",
        "immunosuppression",
        "checkpoint_inhibitor",
        "hsct",
        "tki",
        "intrathecal",
        "asparaginase",
        "blinatumomab",
        "inotuzumab",
        "anti_t_cell_antibody",
        "dli",
        "radiotherapy",
        "car_t",
        "anti_gd2_antibody",
        "systemic_therapy",
        "other",
    ]
    last_dose: DayOrMoment | None = None
    half_life_hours: Annotated[float, Gt(0), Le(10_000)] | None = None
    note: LongText = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralDetails:
    """What the referring center tells us. Unknown is None, never empty."""

    __pydantic_config__ = INPUT_CONFIG

    referring_center: Annotated[str, MinLen(1), MaxLen(160)]
    product: Annotated[str, MinLen(1), MaxLen(40)]
    diagnosis: Literal["b_all", "b_nhl", "t_all", "neuroblastoma", "cns_tumor", "other"]
    diagnosis_detail: LongText = ""
    referring_physician: Annotated[str, MaxLen(120)] = ""
    urgency: Literal["routine", "urgent", "emergency"] = "routine"
    disease_status: (
        Literal[
            "primary_refractory",
            "chemorefractory",
            "first_relapse",
            "second_or_later_relapse",
            "relapse_after_hsct",
            "remission",
        ]
        | None
    ) = None
    cd19_status: Literal["positive", "negative", "dim"] | None = None
    cd19_tested_on: Day | None = None
    performance_scale: Literal["lansky", "karnofsky"] | None = None
    performance_score: Annotated[int, Ge(0), Le(100)] | None = None
    note: Annotated[str, MaxLen(4000)] = ""
    treatments: list[TreatmentDetails] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyMeasurement:
    """Weight, height, or both, of one moment."""

    __pydantic_config__ = INPUT_CONFIG

    weight_kg: WeightKg | None = None
    height_cm: HeightCm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDetails:
    """An agreement as signed."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal["consent", "assent", "own_consent"]
    given_by: Text
    document_version: Annotated[str, MinLen(1), MaxLen(40)]
    signed_on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationConsent:
    """A consent to the donation as signed; a guardian signs for a donor who is a minor."""

    __pydantic_config__ = INPUT_CONFIG

    signer: Literal["donor", "guardian"]
    given_by: Text
    document_version: Annotated[str, MinLen(1), MaxLen(40)]
    signed_on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorDetails:
    """Who gives the cells, with own weight, height, HLA match and serology. Unknown is None.

    `hla_matched` of `hla_typed` alleles match the child's. A serology result goes with the day of its sample;
    `markers_on` is the day on which infectious disease markers were drawn at a collection.
    """

    __pydantic_config__ = INPUT_CONFIG

    local_id: Annotated[str, MinLen(1), MaxLen(40)]
    family_name: Text
    given_name: Text
    birth_date: Day
    sex: Literal["female", "male", "unknown"]
    relation: Literal["mother", "father", "sibling", "other_relative", "unrelated"]
    hla_matched: Annotated[int, Ge(0), Le(24)] | None = None
    hla_typed: Annotated[int, Ge(1), Le(24)] | None = None
    hla_note: Annotated[str, MaxLen(200)] = ""
    weight_kg: WeightKg | None = None
    height_cm: HeightCm | None = None
    measured_on: Day | None = None
    hbv: Serology | None = None
    hbv_on: Day | None = None
    hcv: Serology | None = None
    hcv_on: Day | None = None
    hiv: Serology | None = None
    hiv_on: Day | None = None
    markers_on: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """Somebody to call."""

    __pydantic_config__ = INPUT_CONFIG

    relation: Literal["mother", "father", "guardian", "patient", "other"]
    name: Text
    phone: Annotated[str, MaxLen(40)] = ""
    email: Annotated[str, MaxLen(254)] = ""
    language: Literal["it", "en", "ar", "de", "es", "fr", "ro", "sq", "uk", "zh"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawal:
    """From which day an agreement of a kind no longer holds, and why."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal["consent", "assent", "own_consent"]
    withdrawn_on: Day
    reason: Annotated[str, MinLen(1), MaxLen(400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianDetails:
    """Who decides for the child by law; `was` is the name under which the same person is recorded now.

    Custody and days are None while unknown; without `until_on` it goes on.
    """

    __pydantic_config__ = INPUT_CONFIG

    name: Text
    relation: Literal["mother", "father", "relative", "appointed", "institution"]
    has_custody: bool | None = None
    from_on: Day | None = None
    until_on: Day | None = None
    note: LongText = ""
    was: Annotated[str, MaxLen(120)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeHospitalDetails:
    """The hospital near home: whom to reach there, and what it does for us."""

    __pydantic_config__ = INPUT_CONFIG

    name: Annotated[str, MinLen(1), MaxLen(160)]
    physician: Annotated[str, MaxLen(120)] = ""
    phone: Annotated[str, MaxLen(40)] = ""
    fax: Annotated[str, MaxLen(40)] = ""
    email: Annotated[str, MaxLen(254)] = ""
    does_blood_tests: bool = False
    gives_immunoglobulin: bool = False
    gives_vaccines: bool = False
    other_tasks: LongText = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionAssessment:
    """A verdict on one criterion of the protocol.

    `finding` is what was seen, `reason` why a criterion is waived. `valid_until` is counted from
    `observed_on` by the protocol unless given.
    """

    __pydantic_config__ = INPUT_CONFIG

    criterion: Annotated[str, MinLen(1), MaxLen(40)]
    verdict: Literal["met", "not_met", "waived", "unknown"]
    observed_on: Day | None = None
    valid_until: Day | None = None
    finding: LongText = ""
    reason: LongText = ""
