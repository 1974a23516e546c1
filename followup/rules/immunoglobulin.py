"""Whether an IgG is the child's own, and whether replacing it should be thought of.

Source: the `immunoglobulin` rows of the follow-up part: CIBMTR manual 2100, question 66 (a sample within
30 days of immunoglobulin isn't native), and the adult limit of replacement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cartpath.core.sentences import say
from cartpath.protocols.rows import Figure, figure


@dataclass(frozen=True, kw_only=True, slots=True)
class IgGReading:
    """How to read an IgG: own or not (None while unknown), low or not (None while unknown)."""

    is_native: bool | None
    is_low: bool | None
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def read_igg(
    rules: Sequence[Figure],
    *,
    igg_mg_dl: float | None,
    sampled_on: date,
    last_immunoglobulin_on: date | None,
    ever_replaced: bool | None,
) -> IgGReading:
    """Read an IgG in mg/dL taken on a day.

    `ever_replaced` False means that no immunoglobulin was ever given; None, that nobody knows. The day of
    the last immunoglobulin not after the sample is `last_immunoglobulin_on`. The limit of replacement was
    read for adults: the flag `adult_limit` says so.

    Source: CIBMTR manual 2100 and the `immunoglobulin` rows of the protocol.
    """
    native_after, replace_up_to = figure(rules, "native_after_days"), figure(rules, "replace_up_to_mg_dl")
    is_native, native_said = _native(native_after, sampled_on, last_immunoglobulin_on, ever_replaced)
    is_low = None if igg_mg_dl is None else igg_mg_dl <= replace_up_to.value
    low_said = (
        say(
            "IgG is {igg:g} mg/dL; replacement is considered up to {limit:g}.",
            igg=igg_mg_dl,
            limit=replace_up_to.value,
        )
        if igg_mg_dl is not None
        else say("IgG is unknown.")
    )
    return IgGReading(
        is_native=is_native,
        is_low=is_low,
        explanation=(native_said, low_said),
        missing=(
            *(("last_immunoglobulin_on",) if is_native is None else ()),
            *(("igg_mg_dl",) if is_low is None else ()),
        ),
        flags=("consider_replacement", "adult_limit") if is_low else (),
    )


def _native(
    rule: Figure, sampled_on: date, last_on: date | None, ever_replaced: bool | None
) -> tuple[bool | None, str]:
    if last_on is not None and last_on <= sampled_on:
        days = (sampled_on - last_on).days
        said = say(
            "{days} days after immunoglobulin; own from more than {limit:g}.", days=days, limit=rule.value
        )
        return days > rule.value, said
    if ever_replaced is False:
        return True, say("No immunoglobulin was ever given: the IgG is the child's own.")
    return None, say("It isn't known when immunoglobulin was last given.")
