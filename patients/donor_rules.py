"""Whether a donor may be collected on a day: recorded, consented, tested in time.

Source: the donor's figures of the protocol (`collection.donor`): for how long HBV, HCV and HIV serology holds
(EBMT: tested within 8 weeks; a working default for donors), and below what age a guardian signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from cartpath.core.dates import age_on
from cartpath.core.sentences import say
from cartpath.protocols.rows import Figure, figure

Signer = Literal["donor", "guardian"]
SEROLOGY_DAYS: Final = "donor_serology_days"
GUARDIAN_BELOW: Final = "donor_guardian_below_years"


@dataclass(frozen=True, kw_only=True, slots=True)
class Serology:
    """One test of the donor; both None while unknown."""

    name: str
    result: Literal["negative", "positive"] | None = None
    tested_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A consent to the donation: who signed it, and when."""

    signer: Signer
    signed_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class DonorFacts:
    """What is known of a donor that decides whether they may be collected."""

    birth_date: date
    consents: Sequence[Signed]
    serology: Sequence[Serology]


@dataclass(frozen=True, kw_only=True, slots=True)
class DonorReadiness:
    """What stands in the way on a day, as English sentences.

    `missing` can't be passed over. `positive` names findings of infection: a clinician may give a reason to
    collect all the same.
    """

    missing: tuple[str, ...]
    positive: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.missing or self.positive)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that stands in the way."""
        return (*self.missing, *self.positive)


def donor_readiness(figures: Sequence[Figure], donor: DonorFacts | None, on: date) -> DonorReadiness:
    """Judge a donor on the day of the collection. Unknown is never clear.

    Source: the donor rows of the protocol.
    """
    if donor is None:
        return DonorReadiness(missing=(say("No donor is recorded."),), positive=())
    holds = figure(figures, SEROLOGY_DAYS).value
    lapsed = [said for test in donor.serology if (said := _not_in_date(test, holds, on))]
    positive = [
        say("{name} of the donor is positive.", name=test.name)
        for test in donor.serology
        if test.result == "positive"
    ]
    return DonorReadiness(missing=(*_consent_missing(figures, donor, on), *lapsed), positive=tuple(positive))


def signer_needed(figures: Sequence[Figure], *, birth: date, on: date) -> Signer:
    """Who signs for a donor of that age: the donor, or a guardian for a minor.

    Source: the donor rows of the protocol.
    """
    return "guardian" if age_on(birth, on).years < figure(figures, GUARDIAN_BELOW).value else "donor"


def _consent_missing(figures: Sequence[Figure], donor: DonorFacts, on: date) -> tuple[str, ...]:
    for consent in donor.consents:
        needed = signer_needed(figures, birth=donor.birth_date, on=consent.signed_on)
        if consent.signed_on <= on and consent.signer == needed:
            return ()
    return (say("The consent to the donation isn't recorded."),)


def _not_in_date(test: Serology, holds_days: float, on: date) -> str | None:
    if test.result is None or test.tested_on is None:
        return say("{name} of the donor is unknown.", name=test.name)
    age = (on - test.tested_on).days
    if age < 0:
        return say("{name} of the donor was tested after the collection.", name=test.name)
    if age > holds_days:
        return say(
            "{name} of the donor is {age} days old on {day}; it holds for {days:g} days.",
            name=test.name,
            age=age,
            day=on.isoformat(),
            days=holds_days,
        )
    return None
