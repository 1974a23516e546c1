"""IEC-HS, the hyperinflammation of immune effector cells: a checklist that prompts, never a score.

Source: Hines et al., Transplant Cell Ther 2023;29:438.e1-16, doi 10.1016/j.jtct.2023.03.006. The paper gives
no number to add up, so none is invented: the list shows what is met, what is not and what is unknown, the
trigger says when to think of it, and a clinician decides and grades. The criteria were not read in the
original; they are a draft until a center has compared them. The trigger is derived.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final

from annotated_types import Ge, Gt, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import Sentence, listed, say
from toxicity.grading.criteria import all_of, any_of, exceeds, unknown_in

__all__ = ["IecHsChecklist", "IecHsInput", "calculate_iec_hs", "check_iec_hs"]

IEC_HS: Final = "IEC-HS"
IEC_HS_VERSION: Final = "2023"
IEC_HS_SOURCE: Final = "IEC-HS, Hines et al., Transplant Cell Ther 2023;29:438.e1-16 (draft until compared)"

FERRITIN_ABOVE_TIMES: Final = 2
TRANSAMINASE_ABOVE_TIMES: Final = 5
FIBRINOGEN_BELOW_MG_DL: Final = 150
TRIGLYCERIDES_ABOVE_MG_DL: Final = 265

WORDS_OF_TRIGGER: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "ferritin_above_2_times": say("ferritin above twice the limit or the baseline"),
        "fibrinogen_below_150": say("fibrinogen below 150 mg/dL"),
        "transaminases_above_5_times": say("transaminases above 5 times the limit"),
        "new_grade_4_cytopenia": say("a new grade 4 cytopenia"),
    }
)

Ferritin = Annotated[float, Ge(0), Le(10_000_000)]
FerritinLimit = Annotated[float, Gt(0), Le(10_000_000)]
Enzyme = Annotated[float, Ge(0), Le(100_000)]
EnzymeLimit = Annotated[float, Gt(0), Le(100_000)]


@dataclass(frozen=True, slots=True)
class IecHsInput:
    """Values and findings; None is unknown. Ferritin ng/mL, transaminases U/L, fibrinogen mg/dL.

    Limits are the upper limits of normal for age; `..._baseline` the values at infusion.
    """

    __pydantic_config__ = INPUT_CONFIG

    ferritin_ng_ml: Ferritin | None = None
    ferritin_uln_ng_ml: FerritinLimit | None = None
    ferritin_baseline_ng_ml: FerritinLimit | None = None
    ferritin_rapidly_rising: bool | None = None
    fibrinogen_mg_dl: Annotated[float, Ge(0), Le(3000)] | None = None
    fibrinogen_lln_mg_dl: Annotated[float, Gt(0), Le(3000)] | None = None
    alt_u_l: Enzyme | None = None
    alt_uln_u_l: EnzymeLimit | None = None
    alt_baseline_u_l: EnzymeLimit | None = None
    ast_u_l: Enzyme | None = None
    ast_uln_u_l: EnzymeLimit | None = None
    ast_baseline_u_l: EnzymeLimit | None = None
    triglycerides_mg_dl: Annotated[float, Ge(0), Le(20_000)] | None = None
    new_grade_4_cytopenia: bool | None = None
    worse_or_refractory_cytopenia: bool | None = None
    hemophagocytosis: bool | None = None
    onset_as_crs_resolves: bool | None = None
    other_explanation: bool | None = None


@dataclass(frozen=True, slots=True)
class IecHsChecklist:
    """`prompt`: think of IEC-HS now (None while unknown). `items` by name: met, not met, or None."""

    prompt: bool | None
    trigger: tuple[str, ...]
    items: dict[str, bool | None]
    missing: tuple[str, ...]


def check_iec_hs(given: IecHsInput) -> IecHsChecklist:
    """What of the checklist is met, and whether to prompt for a clinician's judgment.

    Source: Hines 2023, the trigger is derived.
    """
    ferritin_high = any_of(
        (
            _times(given.ferritin_ng_ml, given.ferritin_uln_ng_ml, FERRITIN_ABOVE_TIMES),
            _times(given.ferritin_ng_ml, given.ferritin_baseline_ng_ml, FERRITIN_ABOVE_TIMES),
        )
    )
    fibrinogen_low = _below(given.fibrinogen_mg_dl, FIBRINOGEN_BELOW_MG_DL)
    transaminases_high = any_of(
        (
            _transaminase(given.alt_u_l, given.alt_uln_u_l, given.alt_baseline_u_l),
            _transaminase(given.ast_u_l, given.ast_uln_u_l, given.ast_baseline_u_l),
        )
    )
    partners = {
        "fibrinogen_below_150": fibrinogen_low,
        "transaminases_above_5_times": transaminases_high,
        "new_grade_4_cytopenia": given.new_grade_4_cytopenia,
    }
    items = {
        "ferritin": any_of((ferritin_high, given.ferritin_rapidly_rising)),
        "onset_as_crs_resolves": given.onset_as_crs_resolves,
        "transaminases": transaminases_high,
        "fibrinogen": any_of((fibrinogen_low, _below(given.fibrinogen_mg_dl, given.fibrinogen_lln_mg_dl))),
        "hemophagocytosis": given.hemophagocytosis,
        "cytopenia": any_of((given.new_grade_4_cytopenia, given.worse_or_refractory_cytopenia)),
        "triglycerides": _above(given.triglycerides_mg_dl, TRIGLYCERIDES_ABOVE_MG_DL),
        "other_explanation": given.other_explanation,
    }
    prompt = all_of((ferritin_high, any_of(partners.values())))
    met = tuple(name for name, value in partners.items() if value)
    return IecHsChecklist(
        prompt=prompt,
        trigger=("ferritin_above_2_times", *met) if prompt else (),
        items=items,
        missing=unknown_in(items),
    )


def calculate_iec_hs(given: IecHsInput) -> Answer:
    """The `iec_hs` calculator: a checklist and a prompt; there is no grade in the result.

    Source: Hines 2023, the trigger is derived.
    """
    checked = check_iec_hs(given)
    explanation: list[str] = []
    if checked.prompt:
        explanation.append(
            say(
                "Think of IEC-HS: {trigger}.",
                trigger=listed(WORDS_OF_TRIGGER[name] for name in checked.trigger),
            )
        )
    elif checked.prompt is None:
        explanation.append(say("Values are missing that decide whether to think of IEC-HS."))
    else:
        explanation.append(say("The trigger is not met."))
    if given.other_explanation:
        explanation.append(say("Infection, CRS or progression that explains it is not IEC-HS."))
    explanation.append(say("There is no score: a clinician decides and grades."))
    return Answer(
        name="iec_hs",
        result={
            "prompt": checked.prompt,
            "trigger": list(checked.trigger),
            "items": checked.items,
            "at_least": bool(checked.missing),
        },
        scale=IEC_HS,
        scale_version=IEC_HS_VERSION,
        source=IEC_HS_SOURCE,
        explanation=explanation,
        missing=list(checked.missing),
        flags=["draft_criteria"],
    )


def _transaminase(value: float | None, upper_limit: float | None, baseline: float | None) -> bool | None:
    """Above 5 times the upper limit, or 5 times the baseline when that was already abnormal."""
    if upper_limit is not None and baseline is not None and baseline > upper_limit:
        return _times(value, baseline, TRANSAMINASE_ABOVE_TIMES)
    return _times(value, upper_limit, TRANSAMINASE_ABOVE_TIMES)


def _times(value: float | None, limit: float | None, times: float) -> bool | None:
    return None if value is None or limit is None else exceeds(value, limit * times)


def _above(value: float | None, limit: float) -> bool | None:
    return None if value is None else value > limit


def _below(value: float | None, limit: float | None) -> bool | None:
    return None if value is None or limit is None else value < limit
