"""Whose agreement counts on a day, of all that were signed: a child grows out of its guardian's consent.

Source: the consent criterion of the protocol says from what age whose agreement is needed. That an agreement
given under an earlier age isn't enough after the birthday is DESIGN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from cartpath.core.dates import MONTHS_PER_YEAR, add_months
from cartpath.protocols.rows import Criterion
from patients.rules import consents_needed

AgreementState = Literal["given", "due", "missing", "withdrawn", "past"]

# From which value of the criterion each kind counts; a guardian's consent counts from birth.
_NEEDED_FROM: Final = {"own_consent": "guardian_below_years", "assent": "assent_from_years"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One agreement as signed, and the day from which it no longer holds."""

    kind: str
    signed_on: date
    withdrawn_on: date | None = None

    def stands(self, on: date) -> bool:
        """Whether it is signed and not withdrawn on a day."""
        return self.signed_on <= on and not self.is_withdrawn(on)

    def is_withdrawn(self, on: date) -> bool:
        """Whether it was withdrawn by a day."""
        return self.withdrawn_on is not None and self.withdrawn_on <= on


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """One kind of agreement on a day.

    `given` holds; `due` became needed on the birthday `since`, after others were signed; `missing` was never
    signed; `withdrawn` was taken back; `past` was signed and is no longer the one that is needed.
    """

    kind: str
    state: AgreementState
    since: date | None = None

    @property
    def needs_renewal(self) -> bool:
        """Whether it has to be asked for again: the child outgrew the others, or it was taken back."""
        return self.state in ("due", "withdrawn")


def birthday(birth: date, years: int) -> date:
    """The day a child completes so many years; born on February 29, it is February 28 of a common year.

    Source: DESIGN, as ages are counted everywhere.
    """
    return add_months(birth, years * MONTHS_PER_YEAR)


def agreements(
    criterion: Criterion | None, signed: Sequence[Signature], *, birth: date, on: date
) -> tuple[Agreement, ...]:
    """Every kind that is needed on a day, in the order of the criterion, then those signed besides.

    Without a criterion nothing is needed and what was signed is shown as it stands.

    Source: the consent criterion of the protocol.
    """
    needed = consents_needed(criterion, birth=birth, on=on) if criterion else ()
    lines = [_needed(criterion, kind, signed, birth=birth, on=on) for kind in needed if criterion]
    others = dict.fromkeys(each.kind for each in signed if each.kind not in needed)
    return (*lines, *(_besides(kind, signed, on=on, is_past=bool(needed)) for kind in others))


def _needed(
    criterion: Criterion | None, kind: str, signed: Sequence[Signature], *, birth: date, on: date
) -> Agreement:
    since = _needed_since(criterion, kind, birth)
    own = [each for each in signed if each.kind == kind]
    if any(each.stands(on) and not _too_early(each, since) for each in own):
        return Agreement(kind=kind, state="given", since=since)
    if any(each.is_withdrawn(on) for each in own):
        return Agreement(kind=kind, state="withdrawn", since=since)
    earlier = since is not None and any(each.signed_on < since for each in signed)
    return Agreement(kind=kind, state="due" if earlier else "missing", since=since)


def _needed_since(criterion: Criterion | None, kind: str, birth: date) -> date | None:
    years = criterion.values.get(_NEEDED_FROM.get(kind, "")) if criterion else None
    return birthday(birth, years) if isinstance(years, int) else None


def _too_early(signature: Signature, since: date | None) -> bool:
    """A patient's own consent binds from majority on; a child may assent before it must be asked."""
    return signature.kind == "own_consent" and since is not None and signature.signed_on < since


def _besides(kind: str, signed: Sequence[Signature], *, on: date, is_past: bool) -> Agreement:
    own = [each for each in signed if each.kind == kind]
    if all(each.is_withdrawn(on) for each in own):
        return Agreement(kind=kind, state="past" if is_past else "withdrawn")
    return Agreement(kind=kind, state="past" if is_past else "given")
