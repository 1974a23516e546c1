"""From referral to decision, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import (
    Data,
    Names,
    Said,
    Tell,
    Text,
    day,
    joined,
    known,
    labeled,
    moment,
    quantity,
    word,
)
from cartpath.web.wording import unknown_word
from patients.banner import product_label
from patients.enums import (
    ClosingReason,
    ConsentKind,
    ContactRelation,
    CriterionVerdict,
    Diagnosis,
    DiseaseStatus,
    DonorRelation,
    DrugClass,
    SerologyResult,
    Urgency,
)
from patients.models import Patient


def _referred(names: Names, data: Data) -> Said:
    urgency = data.get("urgency")
    urgent = word(Urgency, urgency) if urgency and urgency != Urgency.ROUTINE else None
    return Said(
        labeled(_("Referred by"), data.get("referring_center") or unknown_word()),
        joined(
            [
                urgent,
                word(Diagnosis, data.get("diagnosis")),
                word(DiseaseStatus, data.get("disease_status")) if data.get("disease_status") else None,
                product_label(data.get("product", "")),
            ]
        ),
        "soon" if urgent else "",
    )


def _treatment(names: Names, data: Data) -> Said:
    drug_class = data.get("drug_class", data.get("class"))
    last = data.get("last_dose")
    told = moment(last) if last and "T" in last else day(last)
    return Said(
        labeled(_("Previous treatment:"), data.get("drug") or unknown_word()),
        joined([word(DrugClass, drug_class), labeled(_("last dose"), told), data.get("note")]),
    )


def _measured(names: Names, data: Data) -> Said:
    weight, height = data.get("weight_kg"), data.get("height_cm")
    parts = [
        labeled(_("Weight"), quantity(weight, "kg")) if weight is not None else None,
        labeled(_("Height"), quantity(height, "cm")) if height is not None else None,
    ]
    return Said(joined(parts))


def _eligibility(names: Names, data: Data) -> Said:
    verdict = data.get("verdict")
    second = data.get("second")
    return Said(
        format_html("{}: {}", names.criterion(data.get("criterion", "")), word(CriterionVerdict, verdict)),
        joined(
            [
                labeled(_("observed"), day(data["observed_on"])) if data.get("observed_on") else None,
                data.get("finding"),
                data.get("reason"),
                known(_("with"), second),
            ]
        ),
        "harm" if verdict == CriterionVerdict.NOT_MET else "",
    )


def _patient_changed(names: Names, data: Data) -> Said:
    changes = [
        format_html("{}: {} → {}", _field(name), _value(name, each.get("from")), _value(name, each.get("to")))
        for name, each in data.get("changes", {}).items()
    ]
    return Said(_("Details changed"), joined([*changes, data.get("reason")]))


def _field(name: str) -> str:
    return str(getattr(Patient._meta.get_field(name), "verbose_name", name))


def _value(name: str, value: str | None) -> Text:
    """A detail of the child as a page shows it: a choice by its label, a day as a day."""
    if not value:
        return unknown_word()
    if name.endswith(("_date", "_on")):
        return day(value)
    choices = getattr(Patient._meta.get_field(name), "flatchoices", [])
    return str(dict(choices).get(value, value))


def _contact(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Contact:"), data.get("name") or unknown_word()),
        joined([word(ContactRelation, data.get("relation")), data.get("phone"), data.get("email")]),
    )


def _consent(names: Names, data: Data) -> Said:
    version = _("version %(version)s") % {"version": data.get("document_version")}
    signer = labeled(_("by"), data.get("given_by") or unknown_word())
    return Said(
        labeled(word(ConsentKind, data.get("kind")), _("signed")),
        joined([signer, day(data.get("signed_on")), version]),
        "good",
    )


def _donor(names: Names, data: Data) -> Said:
    """The donor by name, with what decides whether they may be collected."""
    matched, typed = data.get("hla_matched"), data.get("hla_typed")
    tests = [
        labeled(test.upper(), joined([word(SerologyResult, data[test]), day(data.get(f"{test}_on"))]))
        for test in ("hbv", "hcv", "hiv")
        if data.get(test)
    ]
    name = ", ".join(part for part in (data.get("family_name"), data.get("given_name")) if part)
    return Said(
        labeled(_("Donor:"), name or unknown_word()),
        joined(
            [
                word(DonorRelation, data.get("relation")),
                labeled("HLA", f"{matched}/{typed}") if matched is not None and typed else None,
                *tests,
                data.get("reason"),
            ]
        ),
    )


def _accepted(names: Names, data: Data) -> Said:
    reason = data.get("override_reason")
    protocol = _("protocol %(id)s, version %(version)s") % {
        "id": data.get("protocol_id"),
        "version": data.get("protocol_version"),
    }
    all_the_same = known(_("although eligibility was not complete:"), reason)
    return Said(
        labeled(_("Accepted for"), product_label(data.get("product", ""))),
        joined([protocol, all_the_same]),
        "soon" if reason else "good",
    )


def _protocol_changed(names: Names, data: Data) -> Said:
    versions = {"id": data.get("protocol_id"), "origin": data.get("from"), "target": data.get("to")}
    moved = _("protocol %(id)s: version %(origin)s → %(target)s") % versions
    return Said(_("Moved to another protocol version"), joined([moved, data.get("reason")]), "info")


def _deferred(names: Names, data: Data) -> Said:
    review = labeled(_("to be looked at again on"), day(data.get("review_on")))
    return Said(_("Decision deferred"), joined([data.get("reason"), review]), "info")


def _closed(names: Names, data: Data) -> Said:
    reason = word(ClosingReason, data.get("reason_code"))
    return Said(labeled(_("Journey closed:"), reason), data.get("note") or "")


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.REFERRED: _referred,
    EventKind.TREATMENT_RECORDED: _treatment,
    EventKind.MEASURED: _measured,
    EventKind.ELIGIBILITY_ASSESSED: _eligibility,
    EventKind.PATIENT_CHANGED: _patient_changed,
    EventKind.CONTACT_RECORDED: _contact,
    EventKind.CONSENT_RECORDED: _consent,
    EventKind.DONOR_RECORDED: _donor,
    EventKind.ACCEPTED: _accepted,
    EventKind.PROTOCOL_CHANGED: _protocol_changed,
    EventKind.DEFERRED: _deferred,
    EventKind.CLOSED: _closed,
}
