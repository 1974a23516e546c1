"""A working copy as its page shows it: what was decided, what differs, what waits, what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from cartpath.accounts.models import Center
from cartpath.core.errors import NotFound
from cartpath.protocols import registry
from cartpath.protocols.apply import Change, rows_by_id
from cartpath.protocols.difference import rows_by_section
from cartpath.protocols.editions import Preview, edition_preview
from cartpath.protocols.models import ProtocolEdition
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Protocol
from cartpath.web.components import Look
from cartpath.web.edition_forms import ADDABLE
from cartpath.web.selectors.protocol import FURTHER, PARTS, Approval, part_of
from cartpath.web.selectors.protocol_approvals import approval, changes_of
from cartpath.web.selectors.protocol_compare import Comparison, rules_compared
from cartpath.web.selectors.protocol_values import label_text, validity_text, value_text, words_text
from cartpath.web.selectors.protocol_words import STATUS_LOOKS, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision of the working copy; `why_left` says why it could not be taken over."""

    row_id: str
    label: str
    approval: Approval
    why_left: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    """One row that can be altered."""

    id: str
    label: str
    value: Text
    text: str
    validity: str
    status: Look
    is_off: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChapter:
    """Rows that belong together, and the kind that may be added to them; empty when none may."""

    anchor: str
    title: str | Promise
    rows: Sequence[RowLine]
    addable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCopy:
    """The working copy of a center."""

    edition: ProtocolEdition
    preview: Preview
    decisions: Sequence[Decision]
    left_out: Sequence[Decision]
    drafts: Sequence[RowChapter]
    changes: Comparison

    @property
    def protocol(self) -> Protocol:
        """What the working copy makes of the protocol."""
        return self.preview.protocol


def working_edition(center: Center, protocol_id: str) -> ProtocolEdition | None:
    """The center's working copy of a protocol; None when there is none."""
    return ProtocolEdition.objects.working().filter(center=center, protocol_id=protocol_id).first()


def working_copy(edition: ProtocolEdition, current: Protocol) -> WorkingCopy:
    """Everything on the page of a working copy, held against the center's current version."""
    preview = edition_preview(edition)
    rows = rows_by_id(current) | rows_by_id(preview.protocol)
    return WorkingCopy(
        edition=edition,
        preview=preview,
        decisions=[_decision(change, rows) for change in changes_of(edition)],
        left_out=[_decision(Change.read(each), rows, each["why"]) for each in edition.left_out],
        drafts=row_chapters(preview.protocol, only="draft"),
        changes=rules_compared(current, preview.protocol),
    )


def row_chapters(protocol: Protocol, *, only: str = "") -> list[RowChapter]:
    """Every row by chapter, to be altered; or those of one status, to be approved."""
    found: dict[str, list[RowLine]] = {}
    kinds = {} if only else {part_of(wanted.section).anchor: kind for kind, wanted in ADDABLE.items()}
    for section, row in rows_by_section(protocol):
        if only and row.status != only:
            continue
        found.setdefault(part_of(section).anchor, []).append(_line(protocol, row))
    return [
        RowChapter(
            anchor=part.anchor,
            title=part.title,
            rows=found.get(part.anchor, []),
            addable=kinds.get(part.anchor, ""),
        )
        for part in (*PARTS, FURTHER)
        if part.anchor in found or part.anchor in kinds
    ]


def row_of(protocol: Protocol, row_id: str) -> Row:
    """One row. Raises NotFound."""
    row = rows_by_id(protocol).get(row_id)
    if row is None:
        raise NotFound
    return row


def shipped_versions(protocol_id: str) -> list[str]:
    """The versions that ship with CARTPath, the newest first. Raises NotFound."""
    found = [protocol.version for protocol in registry.all_protocols() if protocol.id == protocol_id]
    if not found:
        raise NotFound
    return found[::-1]


def _decision(change: Change, rows: dict[str, Row], why_left: str = "") -> Decision:
    row = rows.get(change.row_id)
    label = label_text(row) if row else change.row_id
    return Decision(row_id=change.row_id, label=label, approval=approval(change), why_left=why_left)


def _line(protocol: Protocol, row: Row) -> RowLine:
    return RowLine(
        id=row.id,
        label=label_text(row),
        value=value_text(row),
        text=words_text(row),
        validity=validity_text(row),
        status=STATUS_LOOKS[row.status],
        is_off=row.is_off,
        source=protocol.cite(row),
    )
