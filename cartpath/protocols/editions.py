"""A center's own editions of a protocol: begun as a working copy, changed row by row, published for good.

Publishing is the only way to approve a draft. A published edition is never changed (the database refuses it);
the next one begins with its changes. Journeys are not touched: each stays with the version it is pinned to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from json import dumps, loads
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Forbidden, Invalid, NotFound
from cartpath.core.inputs import json_name
from cartpath.core.said import said_text
from cartpath.protocols import checks, registry
from cartpath.protocols.apply import (
    Change,
    ChangeKind,
    ChangeRefused,
    apply,
    carried_over,
    rows_by_id,
    section_of,
    values_of,
)
from cartpath.protocols.catalog import hold_publications
from cartpath.protocols.difference import row_label
from cartpath.protocols.models import EditionState
from cartpath.protocols.models import ProtocolEdition as ProtocolEdition
from cartpath.protocols.schema import Protocol

MOST_REASON: Final = 800
MOST_ID: Final = 60


@dataclass(frozen=True, slots=True)
class Preview:
    """An edition as it stands: the protocol it makes, and what still stands in the way of publishing it."""

    protocol: Protocol
    problems: Sequence[str]


@transaction.atomic
def edition_start(
    *, center: Center, protocol_id: str, base_version: str | None = None, by: Actor, at: datetime
) -> ProtocolEdition:
    """Begin a working copy on a shipped version, the newest unless another is named.

    The changes of the center's current edition come along where they still fit; those that don't are listed
    in `left_out`, each with `why`. Raises `Invalid` for a version that isn't shipped or another region's
    protocol, `Conflict` `working_copy_open` while the center works on one already.
    """
    _refuse_machine(by)
    base = _base(center, protocol_id, base_version)
    kept, left = _brought_along(center, base)
    edition = ProtocolEdition(
        center=center,
        protocol_id=base.id,
        base_version=base.version,
        changes=[change.stored() for change in kept],
        left_out=[change.stored() | {"why": why} for change, why in left],
        created_by=by.name,
        created_by_id_text=by.id,
        created_at=at,
    )
    try:
        with transaction.atomic():
            edition.save(force_insert=True)
    except IntegrityError as refused:
        raise Conflict(
            "working_copy_open",
            _("This center already works on an edition of this protocol. Publish or discard it first."),
        ) from refused
    return edition


def edition_approve(
    *, edition_id: UUID, row_id: str, reason: str, by: Actor, at: datetime
) -> ProtocolEdition:
    """Approve a draft row. Raises `Invalid` for a row that is no draft."""
    return _decide("approve", edition_id, row_id, reason, by, at)


def edition_alter(
    *, edition_id: UUID, row_id: str, values: Mapping[str, object], reason: str, by: Actor, at: datetime
) -> ProtocolEdition:
    """Give fields of a row other values; the row counts from then on, a draft too.

    `values` has the fields that differ from the shipped row, by their names in protocol files; None takes a
    field's default. Raises `Invalid` naming the field.
    """
    return _decide("alter", edition_id, row_id, reason, by, at, values=values)


def edition_retire(*, edition_id: UUID, row_id: str, reason: str, by: Actor, at: datetime) -> ProtocolEdition:
    """Have a row do nothing any more; it stays readable."""
    return _decide("retire", edition_id, row_id, reason, by, at)


def edition_add(
    *, edition_id: UUID, section: str, values: Mapping[str, object], reason: str, by: Actor, at: datetime
) -> ProtocolEdition:
    """Add a row to a section, see `apply.sections`. `values` holds its fields, `id` among them."""
    row_id = values.get("id")
    if not isinstance(row_id, str) or not row_id.isidentifier() or len(row_id) > MOST_ID:
        raise Invalid(
            "invalid_input",
            _("The new row needs a name of its own."),
            fields={"id": _("Give a short name of letters, digits and underscores.")},
        )
    rest = {name: value for name, value in values.items() if name != "id"}
    return _decide("add", edition_id, row_id, reason, by, at, values=rest, section=section)


def edition_forget(*, edition_id: UUID, row_id: str, by: Actor, at: datetime) -> ProtocolEdition:
    """Take back what the working copy decided about a row, or strike it from those not taken over.

    Raises `NotFound` when nothing was decided about the row.
    """
    _refuse_machine(by)
    with transaction.atomic():
        edition = _locked(edition_id)
        before = len(edition.changes) + len(edition.left_out)
        edition.changes = _without(edition.changes, row_id)
        edition.left_out = _without(edition.left_out, row_id)
        if len(edition.changes) + len(edition.left_out) == before:
            raise NotFound(_("Nothing was decided about this row."))
        edition.save(update_fields=["changes", "left_out"])
        return edition


@transaction.atomic
def edition_publish(*, edition_id: UUID, reason: str, by: Actor, at: datetime) -> ProtocolEdition:
    """Publish a working copy: from now on acceptances of the center pin it, and nothing can change it.

    Raises `Invalid` naming what doesn't hold together, `Conflict` `edition_published` when somebody else was
    faster, `Conflict` `nothing_changed` when it would be the same as what is current.
    """
    _refuse_machine(by)
    said = _reasoned(reason)
    edition = _locked(edition_id)
    edition_protocol(edition)
    hold_publications(edition.center_id, exclusive=True)
    _refuse_same(edition)
    edition.number = _next_number(edition)
    edition.version = f"{edition.base_version}-{edition.center.code.lower()}-{edition.number}"
    edition.state = EditionState.PUBLISHED
    edition.left_out = []
    edition.reason = said
    edition.published_by, edition.published_by_id_text, edition.published_at = by.name, by.id, at
    edition.recorded_at = _now()
    edition.save(force_update=True)
    return edition


@transaction.atomic
def edition_discard(*, edition_id: UUID, by: Actor, at: datetime) -> None:
    """Throw a working copy away. A published edition stays: `Conflict` `edition_published`."""
    _refuse_machine(by)
    _locked(edition_id).delete()


def edition_protocol(edition: ProtocolEdition) -> Protocol:
    """The protocol an edition makes, checked like a shipped file. Raises `Invalid` with every problem."""
    preview = edition_preview(edition)
    if preview.problems:
        raise Invalid("edition_unsound", " ".join(preview.problems))
    return preview.protocol


def edition_preview(edition: ProtocolEdition) -> Preview:
    """The protocol an edition makes, with its problems in words instead of a refusal."""
    base = registry.get(edition.protocol_id, edition.base_version)
    changes = [Change.read(stored) for stored in edition.changes]
    protocol = apply(base, changes, version=edition.version or edition.base_version)
    found = [_problem(protocol, problem) for problem in checks.of_joined(protocol)]
    return Preview(protocol, found)


def _base(center: Center, protocol_id: str, version: str | None) -> Protocol:
    try:
        base = registry.get(protocol_id, version) if version else registry.latest(protocol_id)
    except KeyError:
        raise Invalid(
            "unknown_version",
            _("There is no such shipped version of this protocol."),
            fields={"base_version": _("Choose a version that ships with CARTPath.")},
        ) from None
    if base.product.region != center.region:
        raise Invalid(
            "wrong_region",
            _("This protocol is for the region %(region)s, not for that of the center.")
            % {"region": base.product.region},
            fields={"protocol_id": _("Choose a protocol of the center's region.")},
        )
    return base


def _current(center_id: int, protocol_id: str) -> ProtocolEdition | None:
    editions = ProtocolEdition.objects.published().filter(center_id=center_id, protocol_id=protocol_id)
    return editions.order_by("-number").first()


def _brought_along(center: Center, base: Protocol) -> tuple[list[Change], list[tuple[Change, str]]]:
    current = _current(center.pk, base.id)
    if current is None:
        return [], []
    changes = [Change.read(stored) for stored in current.changes]
    return carried_over(changes, registry.get(base.id, current.base_version), base)


def _decide(
    kind: ChangeKind,
    edition_id: UUID,
    row_id: str,
    reason: str,
    by: Actor,
    at: datetime,
    *,
    values: Mapping[str, object] | None = None,
    section: str = "",
) -> ProtocolEdition:
    """Write one decision into a working copy; an earlier one about the same row is replaced."""
    _refuse_machine(by)
    said, given = _reasoned(reason), _as_json(values or {})
    with transaction.atomic():
        edition = _locked(edition_id)
        base = registry.get(edition.protocol_id, edition.base_version)
        kind, section, given = _own_row(edition, kind, row_id, section, given)
        if kind == "alter":
            given = _differing(base, row_id, given)
        change = Change(
            kind=kind,
            row_id=row_id,
            section=section or section_of(base, row_id) or "",
            values=given,
            reason=said,
            by=by.name,
            by_id=by.id,
            at=at,
            on=at.astimezone(edition.center.zone).date(),
        )
        others = _without(edition.changes, row_id)
        _refuse_unfit(lambda: apply(base, [change], version=base.version))
        edition.changes = [*others, change.stored()]
        edition.left_out = _without(edition.left_out, row_id)
        edition.save(update_fields=["changes", "left_out"])
        return edition


def _own_row(
    edition: ProtocolEdition, kind: ChangeKind, row_id: str, section: str, given: dict[str, Any]
) -> tuple[ChangeKind, str, dict[str, Any]]:
    """A row that the center itself added is altered by adding it anew, and retired by taking it back."""
    added = next((c for c in edition.changes if c["row_id"] == row_id and c["kind"] == "add"), None)
    if added is None or kind == "add":
        return kind, section, given
    if kind != "alter":
        raise Conflict("own_row", _("The center added this row itself: alter it or take it back."))
    return "add", added["section"], {**added["values"], **given}


def _differing(base: Protocol, row_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values that aren't the shipped row's anyway: a form sends them all."""
    row = rows_by_id(base).get(row_id)
    shipped = values_of(row) if row else {}
    named = {json_name(name): value for name, value in given.items()}
    return {name: value for name, value in named.items() if name not in shipped or shipped[name] != value}


def _refuse_unfit(attempt: Callable[[], Protocol]) -> None:
    """Turn the refusal of a change into one that names the field in words."""
    try:
        attempt()
    except ChangeRefused as refused:
        fields = {name: said_text(reason) for name, reason in refused.fields.items()}
        told = "; ".join(f"{_field_words(name)}: {why}" if name else why for name, why in fields.items())
        message = _("“%(row)s” can't be changed like this. %(told)s") % {
            "row": _(refused.label),
            "told": told,
        }
        raise Invalid("invalid_input", message, fields=fields) from refused


def _problem(protocol: Protocol, problem: checks.Problem) -> str:
    """A problem of the whole protocol in a sentence: row, field, reason."""
    row_ids = {path: row.id for path, row in checks.rows_of(protocol)}
    known = rows_by_id(protocol)
    for length in range(len(problem.path), 0, -1):
        row_id = row_ids.get(problem.path[:length])
        if row_id is not None:
            name = ".".join(map(str, problem.path[length:]))
            label = f"“{_(row_label(known[row_id]))}”"
            where = f"{label}, {_field_words(name)}" if name else label
            return f"{where}: {said_text(problem.reason)}."
    return f"{_field_words(checks.dotted(problem.path))}: {said_text(problem.reason)}."


def _field_words(name: str) -> str:
    """A field as people say it: `window.after_days` is *window, after days*."""
    return name.replace(".", ", ").replace("_", " ")


def _locked(edition_id: UUID) -> ProtocolEdition:
    """A working copy, held until the transaction ends."""
    found = (
        ProtocolEdition.objects.select_for_update(of=("self",))
        .select_related("center")
        .filter(pk=edition_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such working copy; it was discarded."))
    if found.is_published:
        raise Conflict(
            "edition_published",
            _("This edition is published and never changes. Begin a new working copy."),
        )
    return found


def _refuse_same(edition: ProtocolEdition) -> None:
    """Two versions that say the same would be told apart for nothing."""
    current = _current(edition.center_id, edition.protocol_id)
    base_now = current.base_version if current else registry.latest(edition.protocol_id).version
    rows_now = _decided(current.changes) if current else []
    if (edition.base_version, _decided(edition.changes)) == (base_now, rows_now):
        raise Conflict("nothing_changed", _("This says the same as what is current; nothing to publish."))


def _decided(changes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """What changes do to rows, whoever decided it; the order of the decisions doesn't matter."""
    return sorted((c["kind"], c["section"], c["row_id"], dumps(c["values"], sort_keys=True)) for c in changes)


def _next_number(edition: ProtocolEdition) -> int:
    """The number of the next edition, skipping versions of a center whose code differs in case only."""
    published = ProtocolEdition.objects.published().filter(protocol_id=edition.protocol_id)
    current = _current(edition.center_id, edition.protocol_id)
    number = (current.number or 0) + 1 if current else 1
    taken = set(published.values_list("version", flat=True))
    while f"{edition.base_version}-{edition.center.code.lower()}-{number}" in taken:
        number += 1
    return number


def _now() -> datetime:
    """The database's clock, as the ledger reads it; the lock is held by now, so the order is true."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    moment: datetime = now
    return moment


def _without(changes: Sequence[dict[str, Any]], row_id: str) -> list[dict[str, Any]]:
    return [change for change in changes if change["row_id"] != row_id]


def _refuse_machine(by: Actor) -> None:
    if by.user_id is None:
        raise Forbidden("not_a_person", _("Only a person can decide about the rules of a center."))


def _reasoned(reason: str) -> str:
    said = reason.strip()
    if not said or len(said) > MOST_REASON or "\x00" in said:
        raise Invalid(
            "invalid_input",
            _("A reason is needed."),
            fields={"reason": _("Say why, in at most %(most)d characters.") % {"most": MOST_REASON}},
        )
    return said


def _as_json(values: Mapping[str, object]) -> dict[str, Any]:
    """Values as JSON holds them. Raises `Invalid` for what it can't hold."""
    try:
        text = dumps(dict(values), default=_iso, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Invalid("invalid_input", _("A value can't be stored: %(why)s") % {"why": error}) from error
    if "\\u0000" in text:
        raise Invalid("invalid_input", _("Text holds a character that can't be stored."))
    found: dict[str, Any] = loads(text)
    return found


def _iso(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(type(value).__name__)
