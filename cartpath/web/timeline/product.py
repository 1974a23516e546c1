"""From the collection to the product on site, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.ordering import pending_texts
from cartpath.web.timeline.saying import (
    Data,
    Names,
    Said,
    Tell,
    Text,
    cells,
    day,
    joined,
    known,
    labeled,
    quantity,
    word,
)
from cartpath.web.wording import unknown_word
from manufacturing.enums import Milestone, OutOfSpecificationDecision
from manufacturing.quality.words import ConsentBy, ReferenceKind


def _collected(names: Names, data: Data) -> Said:
    accepted, reason = data.get("accepted"), data.get("reason")
    verdict = {True: _("target met"), False: _("target not met")}.get(accepted, _("target not judged"))  # type: ignore[arg-type]
    return Said(
        _("Collection completed"),
        joined(
            [
                labeled(_("nucleated cells"), cells(data.get("tnc_total"))),
                labeled("CD3+", cells(data.get("cd3_total"))),
                verdict,
                reason,
            ]
        ),
        "good" if accepted else "soon",
    )


def _ordered(names: Names, data: Data) -> Said:
    number, identity = data.get("manufacturer_order_id"), data.get("chain_of_identity")
    slot_on, weight = data.get("slot_on"), data.get("weight_kg")
    return Said(
        _("Product ordered"),
        joined(
            [
                known(_("order"), number),
                known(_("chain of identity"), identity),
                known(_("apheresis ID"), data.get("apheresis_id")),
                known(_("batch number"), data.get("batch_number")),
                known(_("manufacturing slot"), day(slot_on)) if slot_on else None,
                known(_("slot number"), data.get("slot_number")),
                known(_("region"), data.get("region")),
                known(_("weight"), quantity(weight, "kg")) if weight else None,
                data.get("quota_reason"),
            ]
        ),
    )


def _milestone(names: Names, data: Data) -> Said:
    expected = data.get("expected_on")
    return Said(
        word(Milestone, data.get("milestone")),
        joined([labeled(_("expected"), day(expected)) if expected else None, data.get("note")]),
    )


def _batch(data: Data) -> list[Text | None]:
    lot = data.get("lot")
    return [
        known(_("lot"), lot),
        labeled(_("CAR-positive viable cells"), cells(data.get("car_positive_viable_cells"))),
        labeled(_("viability"), quantity(data.get("viability_percent"), "%")),
        known(_("certificate"), data.get("certificate")),
    ]


def _released(names: Names, data: Data) -> Said:
    pending = pending_texts(names, data)
    if not pending:
        return Said(_("Product released"), joined(_batch(data)), "good")
    out = labeled(_("still out:"), joined(pending))
    return Said(_("Product released conditionally"), joined([*_batch(data), out, data.get("reason")]), "soon")


def _deviation(names: Names, data: Data) -> Said:
    limit = data.get("limit")
    return Said(
        _("Product out of specification"),
        joined(
            [
                labeled(data.get("parameter", ""), data.get("value") or unknown_word()),
                known(_("limit"), limit),
                data.get("risk_statement"),
                *_batch(data)[:1],
            ]
        ),
        "harm",
    )


def _decided(names: Names, data: Data) -> Said:
    choice = word(OutOfSpecificationDecision, data.get("decision"))
    consent = data.get("consent_on")
    return Said(
        labeled(_("Decision on the product:"), choice),
        joined(
            [
                data.get("reason"),
                known(word(ReferenceKind, data.get("reference_kind")), data.get("reference"))
                if data.get("reference_kind")
                else data.get("reference"),
                labeled(_("family's consent"), day(consent)) if consent else None,
                word(ConsentBy, data.get("consent_by")) if data.get("consent_by") else None,
                known(_("certificate"), data.get("certificate")),
            ]
        ),
        "info",
    )


def _received(names: Names, data: Data) -> Said:
    lot = data.get("lot")
    return Said(_("Product received"), joined([known(_("lot"), lot), data.get("note")]))


def _failed(names: Names, data: Data) -> Said:
    then = _("collected again") if data.get("collect_again") else _("the same cells are used again")
    return Said(_("Manufacturing failed"), joined([data.get("reason"), then]), "harm")


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.COLLECTION_COMPLETED: _collected,
    EventKind.PRODUCT_ORDERED: _ordered,
    EventKind.MANUFACTURING_MILESTONE: _milestone,
    EventKind.PRODUCT_RELEASED: _released,
    EventKind.OUT_OF_SPECIFICATION_REPORTED: _deviation,
    EventKind.OUT_OF_SPECIFICATION_DECIDED: _decided,
    EventKind.PRODUCT_RECEIVED: _received,
    EventKind.MANUFACTURING_FAILED: _failed,
}
