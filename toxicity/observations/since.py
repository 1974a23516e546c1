"""What others have put right of a set since somebody opened it, so that nobody undoes it unseen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from cartpath.core.errors import Stale
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from toxicity.models import ObservationSet
from toxicity.observations.catalog import ObservationCode
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.rows import said
from toxicity.observations.words import label_words


def corrections(found: ObservationSet) -> Sequence[Event]:
    """Every correction of a set, oldest first; two queries."""
    seq = Event.objects.values_list("seq", flat=True).get(pk=found.event_id)
    told = Event.objects.of(found.journey_id).filter(kind=EventKind.OBSERVATION_CORRECTED)
    return list(told.filter(data__event=seq))


def last_seen(made: Sequence[Event]) -> int:
    """The number of the last correction, 0 for none: what a page that shows the set now has seen."""
    return made[-1].seq if made else 0


def as_shown(entry: ObservationEntry, made: Iterable[Event], *, seen: int) -> dict[str, Any]:
    """What a set said, as JSON, to somebody who saw its corrections up to `seen`."""
    shown = said(entry)
    for event in sorted(made, key=lambda event: -event.seq):
        if event.seq <= seen:
            break
        shown |= {name: change["from"] for name, change in event.data["changes"].items()}
    return {name: value for name, value in shown.items() if value is not None}


def refuse_overtaken(found: ObservationSet, changes: Mapping[str, Any], *, seen: int) -> None:
    """Raise `Stale` `set_changed` when somebody has put one of the same values right after `seen`."""
    for event in corrections(found):
        both = sorted(set(event.data["changes"]) & set(changes)) if event.seq > seen else []
        if both:
            sentence = _("%(name)s has put this right meanwhile. Open the set again.")
            labels = [str(label_words(ObservationCode(name))) for name in both if name in ObservationCode]
            said_so = sentence % {"name": event.actor_name}
            text = f"{', '.join(labels)}: {said_so}" if labels else said_so
            raise Stale("set_changed", text, fields=dict.fromkeys(both, said_so))
