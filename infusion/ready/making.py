"""What each condition of the infusion is made of, and whether it holds."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols.ready_rows import StopRule, stop_rule
from cartpath.protocols.schema import Protocol
from infusion.bridging.selectors import BridgingPicture
from infusion.day import Window
from infusion.enums import ChecklistVerdict
from infusion.fractions import Series
from infusion.models import ChecklistItem, InfusionHold
from infusion.readiness import DosePicture, Readiness
from infusion.ready.holding import hold_label
from infusion.ready.matching import Match
from infusion.ready.overriding import roles_of
from infusion.rules.ready import Condition, State
from infusion.rules.window import window_said
from infusion.selectors import ChecklistLine, identity_check
from patients.models import Journey

WEIGHT_LIMIT: Final = "weight_change_percent"
_PAGES: Final = {
    "product": "manufacturing:receipt",
    "depletion": "infusion:lymphodepletion",
    "window": "infusion:lymphodepletion",
    "staging": "infusion:bridging",
    "hold": "infusion:holds",
    "identity": "infusion:identity",
    "gate": "infusion:part",
}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes conditions by the rows of the day, with what was overridden."""

    journey: Journey
    protocol: Protocol
    rules: tuple[StopRule, ...]
    overrides: dict[str, ChecklistItem]
    on: date

    def stop(self, name: str, state: State, said: tuple[str, ...] = (), *, soft: bool = False) -> Condition:
        """A condition that CARTPath sees by itself; `soft` where nothing can be compared yet."""
        rule = stop_rule(self.rules, name)
        decided = self.overrides.get(name) if state not in ("met",) else None
        severity = rule.severity if rule and not soft else "warn"
        return Condition(
            name=name,
            label=rule.label if rule else name,
            state="overridden" if decided and rule and rule.roles else state,
            severity=severity,
            said=said,
            source=self.protocol.cite(rule) if rule else "",
            roles=rule.roles if rule else (),
            page=_PAGES.get(name, ""),
            reason=decided.reason if decided else "",
            by=decided.checked_by if decided else "",
        )

    def item(self, line: ChecklistLine) -> Condition:
        """An item of the protocol's checklist."""
        answer = line.answer
        states: dict[str | None, State] = {
            None: "unknown",
            ChecklistVerdict.MET: "met",
            ChecklistVerdict.NOT_MET: "open",
            ChecklistVerdict.OVERRIDDEN: "overridden",
        }
        return Condition(
            name=line.item,
            label=line.label,
            state=states[answer.verdict if answer else None],
            severity="block" if line.hard_stop else "warn",
            source=line.source,
            roles=roles_of(self.journey, line.item, on=self.on, is_item=True),
            page="infusion:checklist",
            reason=answer.reason if answer else "",
            by=answer.checked_by if answer else "",
        )


def product(make: Maker, ready: Readiness) -> Condition:
    """A released product is on site."""
    return make.stop("product", "met" if ready.is_received else "open")


def match(make: Maker, found: Match) -> Condition:
    """Order, certificate and bags carry the same identifiers. Without bags nothing can be compared yet."""
    if not found.bags:
        return make.stop("match", "unknown", (say("No bag of the product is registered."),), soft=True)
    states: dict[str, State] = {"agree": "met", "differ": "open", "unknown": "unknown"}
    return make.stop("match", states[found.verdict])


def bags(make: Maker, found: Match) -> Condition:
    """No bag that is still to be given is in quarantine, expired or elsewhere."""
    if not found.bags:
        return make.stop("bag", "unknown", (say("No bag of the product is registered."),), soft=True)
    said = tuple(
        _("Bag %(number)s: %(against)s.") % {"number": line.bag.label, "against": ", ".join(line.against)}
        for line in found.unusable
    )
    return make.stop("bag", "open" if said else "met", said)


def hold(make: Maker, holds: tuple[InfusionHold, ...]) -> Condition:
    """Nobody put the infusion on hold."""
    still = [each for each in holds if each.stands]
    said = tuple(hold_label(make.journey, each.reason) for each in still)
    return make.stop("hold", "open" if still else "met", said)


def before_first(
    make: Maker, ready: Readiness, bridging: BridgingPicture, window: Window | None
) -> list[Condition]:
    """What only the first part waits for: lymphodepletion, its window, the disease after bridging."""
    depleted = ready.last_dose is not None or ready.waiver is not None
    found = [make.stop("depletion", "met" if depleted else "open")]
    if window is not None:
        state: State = "met" if window.state == "inside" else "open"
        found.append(make.stop("window", state, (window_said(window.days, window.on),)))
    if bridging.staged != "no_bridging":
        found.append(make.stop("staging", "met" if bridging.staged == "staged" else "open"))
    return found


def before_part(make: Maker, parts: Series | None) -> list[Condition]:
    """The gate before a further part; who goes on against it decides where the part is recorded."""
    if parts is None or parts.gate is None:
        return []
    states: dict[str, State] = {"allowed": "met", "wait": "open", "stop": "open", "unknown": "unknown"}
    return [make.stop("gate", states[parts.gate.verdict], (parts.gate.sentence,))]


def dose(
    make: Maker, ready: Readiness, picture: DosePicture, parts: Series | None, fraction: int
) -> Condition:
    """What is in the bags is what the rule permits: of the whole dose, or at least of the next part."""
    if parts is None:
        states: dict[bool | None, State] = {True: "met", False: "open", None: "unknown"}
        allowed = picture.allowed
        return make.stop("dose", states[allowed.in_range], (allowed.sentence,))
    part = parts.split.part(fraction)
    cells = ready.batch.car_positive_viable_cells if ready.batch else None
    if part is None or part.min_cells is None:
        return make.stop("dose", "unknown", tuple(parts.split.explanation))
    if cells is None:
        return make.stop("dose", "unknown", (say("The cells in the bags are unknown."),))
    said = say(
        "Part {number} needs {least} cells; in all bags {cells}.",
        number=fraction,
        least=cells_text(part.min_cells),
        cells=cells_text(cells),
    )
    return make.stop("dose", "met" if cells >= part.min_cells else "open", (said,))


def weight(make: Maker, picture: DosePicture) -> list[Condition]:
    """The child weighs about what it weighed at the order; nothing where the protocol has no limit."""
    if picture.ordered_kg is None or picture.weight_kg is None:
        return [make.stop("weight", "unknown")]
    return [make.stop("weight", "open" if picture.weight_changed else "met")]


def identity(make: Maker, ready: Readiness, fraction: int) -> Condition:
    """Two people compared child and product before this part."""
    batch = ready.batch
    checked = batch is not None and identity_check(make.journey.pk, batch.pk, fraction=fraction) is not None
    return make.stop("identity", "met" if checked else "open")
