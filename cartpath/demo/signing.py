"""Grades signed in the demo: the physician goes round once a day, and differs once with a reason."""

from datetime import datetime, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Toxicity
from cartpath.demo.rounds import NEURO_EVERY_HOURS
from cartpath.demo.teller import Teller
from toxicity.selectors import assessments
from toxicity.signing import SCALES, result_confirm

_EVERY_HOURS: Final = 2 * NEURO_EVERY_HOURS
_SIGNED_AFTER: Final = {"minutes": 45}
# Signatures of the first days are not worth their place in a demo.
_FOR: Final = timedelta(days=3)
# After how many hours which grade of ICANS is lowered by one, and why.
_DIFFERS: Final[dict[Toxicity, tuple[int, str]]] = {
    "neurotoxic": (8 * _EVERY_HOURS, "Sleepy after lorazepam for the scan an hour before; ICE was 6 at noon.")
}


def signatures_told(teller: Teller, at: datetime, hours: int) -> None:
    """The grades of one round a day are signed."""
    if hours % _EVERY_HOURS or teller.now - at >= _FOR:
        return
    signed_at = teller.after(at, **_SIGNED_AFTER)
    by = teller.person(Role.CLINICIAN).actor
    latest = assessments(teller.journey_id)[0]
    differs_at, why = _DIFFERS.get(teller.plot.toxicity, (0, ""))
    for scale in SCALES:
        grade = getattr(latest, f"{scale}_grade")
        if grade is None:
            continue
        lower = scale == "icans" and hours == differs_at and grade > 0
        result_confirm(
            assessment_id=latest.pk,
            rule=scale,
            grade=grade - 1 if lower else grade,
            reason=why if lower else "",
            by=by,
            at=signed_at,
        )
