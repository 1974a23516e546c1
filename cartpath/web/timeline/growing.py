"""Growing up in words: agreements withdrawn, guardians, the way to adult care, tracing, letters."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.components import Tone
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, day, joined, known, labeled, word
from cartpath.web.wording import unknown_word
from followup.growing.enums import (
    ContactOutcome,
    ContactWay,
    HandOverStepKind,
    LetterKind,
)
from patients.enums import ConsentKind, GuardianRelation
from patients.papers import LetterLanguage

_DIGITS_SHOWN: Final = 12


def _withdrawn(names: Names, data: Data) -> Said:
    return Said(
        labeled(word(ConsentKind, data.get("kind")), _("withdrawn")),
        joined([labeled(_("from"), day(data.get("withdrawn_on"))), data.get("reason")]),
        "harm",
    )


def _guardian(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Guardian:"), data.get("name") or unknown_word()),
        joined(
            [
                word(GuardianRelation, data.get("relation")),
                _custody(data.get("has_custody")),
                _day_after(_("from"), data.get("from_on")),
                _day_after(_("until"), data.get("until_on")),
                known(_("recorded before as"), data.get("was")),
                data.get("note"),
                data.get("reason"),
            ]
        ),
    )


def _custody(has_custody: bool | None) -> Text:
    if has_custody is None:
        return _("custody unknown")
    return _("has custody") if has_custody else _("no custody")


def _day_after(label: Text, value: str | None) -> Text | None:
    return labeled(label, day(value)) if value else None


def _hospital(names: Names, data: Data) -> Said:
    does = [
        _("takes blood tests") if data.get("does_blood_tests") else None,
        _("gives immunoglobulin") if data.get("gives_immunoglobulin") else None,
        _("gives vaccines") if data.get("gives_vaccines") else None,
    ]
    return Said(
        labeled(_("Home hospital:"), data.get("name") or unknown_word()),
        joined([data.get("physician"), data.get("phone"), *does, data.get("other_tasks")]),
    )


def _step(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Hand-over:"), word(HandOverStepKind, data.get("step"))),
        joined(
            [
                day(data.get("done_on")),
                data.get("adult_center"),
                data.get("physician"),
                known(_("confirmed by"), data.get("confirmed_by")),
                data.get("note"),
            ]
        ),
        "info",
    )


def _handed_over(names: Names, data: Data) -> Said:
    return Said(
        _("Care handed over to the adult center"),
        joined([day(data.get("handed_over_on")), data.get("reason")]),
        "good",
    )


def _attempted(names: Names, data: Data) -> Said:
    outcome = data.get("outcome")
    tone: Tone = "good" if outcome == ContactOutcome.REACHED else ""
    return Said(
        labeled(_("Attempt to reach the family:"), word(ContactOutcome, outcome)),
        joined(
            [
                word(ContactWay, data.get("how")),
                data.get("whom"),
                data.get("note"),
                _day_after(_("again on"), data.get("next_on")),
            ]
        ),
        tone,
    )


def _lost(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Not found since"), day(data.get("since"))),
        joined([known(_("last known:"), data.get("last_known")), data.get("note")]),
        "harm",
    )


def _found(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Found again on"), day(data.get("found_on"))),
        joined([data.get("where"), data.get("note")]),
        "good",
    )


def _letter(names: Names, data: Data) -> Said:
    digest = data.get("digest") or ""
    return Said(
        labeled(_("Letter signed:"), word(LetterKind, data.get("kind"))),
        joined(
            [
                ", ".join((data.get("addressee") or "").splitlines()),
                word(LetterLanguage, data.get("language")),
                labeled("SHA-256", f"{digest[:_DIGITS_SHOWN]}…") if digest else None,
            ]
        ),
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.CONSENT_WITHDRAWN: _withdrawn,
    EventKind.GUARDIAN_CHANGED: _guardian,
    EventKind.HOME_HOSPITAL_RECORDED: _hospital,
    EventKind.HAND_OVER_STEP_RECORDED: _step,
    EventKind.CARE_HANDED_OVER: _handed_over,
    EventKind.CONTACT_ATTEMPTED: _attempted,
    EventKind.PATIENT_LOST: _lost,
    EventKind.PATIENT_FOUND: _found,
    EventKind.LETTER_MADE: _letter,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.CONSENT_WITHDRAWN: "file-text",
    EventKind.GUARDIAN_CHANGED: "users",
    EventKind.HOME_HOSPITAL_RECORDED: "building-hospital",
    EventKind.HAND_OVER_STEP_RECORDED: "git-merge",
    EventKind.CARE_HANDED_OVER: "user-check",
    EventKind.CONTACT_ATTEMPTED: "phone",
    EventKind.PATIENT_LOST: "alert-triangle",
    EventKind.PATIENT_FOUND: "user-check",
    EventKind.LETTER_MADE: "mail",
}
