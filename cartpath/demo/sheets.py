"""Papers of the ward in the demo: a hand-over sheet for each child there, summaries of those who left."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.plot import Toxicity
from cartpath.demo.teller import Teller
from toxicity.selectors import assessments
from toxicity.sheets.discharge import discharge_begin, discharge_sign
from toxicity.sheets.facts import ward_facts
from toxicity.sheets.inputs import SummaryDetails
from toxicity.sheets.sbar import sheet_draft
from toxicity.sheets.services import hand_over_write

AFTER_ASSESSMENT: Final = timedelta(minutes=30)
MOMENT: Final = timedelta(minutes=1)
# Older summaries are in the hospital's own archive.
SUMMARIZED_FOR_DAYS: Final = 120
# What a nurse adds to what the record tells.
IF_WORSE: Final[dict[Toxicity, str]] = {
    "quiet": "Parents sleep in the room. Call if there is fever.",
    "fever": "Cultures are taken. Call the registrar if the heart rate stays high once the fever is down.",
    "moderate": "Call the registrar at once for a second bolus or more oxygen.",
    "severe": "Intensive care knows the child. Call them with the registrar if the pressure falls again.",
    "neurotoxic": "Handwriting at each check. Call for sleepiness or missing words; suction is ready.",
}


def sheet_told(teller: Teller) -> None:
    """The sheet of the last shift, half an hour after the last assessment or just now."""
    last = next(iter(assessments(teller.journey_id)), None)
    if last is None:
        return
    at = min(last.assessed_at + AFTER_ASSESSMENT, teller.now - MOMENT)
    if at <= last.assessed_at:
        return
    draft = sheet_draft(ward_facts(teller.journey, at=at), language="en")
    added = f"{draft.recommendation}\n{IF_WORSE[teller.plot.toxicity]}"
    hand_over_write(sheet=replace(draft, recommendation=added), **teller.act(Role.WARD_NURSE, at))


def discharge_told(teller: Teller) -> None:
    """The summary for the referring center, signed when acute monitoring ended."""
    journey = teller.journey
    if teller.plot.ago > SUMMARIZED_FOR_DAYS:
        return
    at = journey.stage_since + timedelta(hours=2)
    if at + timedelta(minutes=20) >= teller.now:
        return
    summary = SummaryDetails(addressee=journey.referral.referring_center, language="en")
    draft = discharge_begin(summary=summary, **teller.act(Role.CLINICIAN, at))
    discharge_sign(
        summary_id=draft.pk,
        version=draft.version,
        by=teller.person(Role.CLINICIAN).actor,
        at=at + timedelta(minutes=20),
    )
