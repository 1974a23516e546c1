"""The donor's card on the patient page: a second person, never to be taken for the child."""

from datetime import datetime
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from patients.donor_rules import DonorReadiness
from patients.donors import donor_consents, donor_of, donor_ready, needs_donor, serology_of
from patients.enums import SerologyResult, Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for

ANCHOR: Final = "donor"
COLLECTED_FROM: Final = frozenset({Stage.REFERRED, Stage.ACCEPTED, Stage.APHERESIS_PLANNED})


def donor_panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """Who gives the cells, with consent and serology; None for a product of the child's own cells."""
    if not needs_donor(journey):
        return None
    donor = donor_of(journey)
    today = at.astimezone(journey.center.zone).date()
    status, tone = _status(journey, donor_ready(journey, on=today))
    return StagePanel(
        anchor=ANCHOR,
        title=format_lazy("{}: {}", _("Donor"), str(donor)) if donor else _("Donor"),
        status=status,
        tone=tone,
        template="patients/donor_panel.html",
        context={
            "donor": donor,
            "on": today,
            "consents": donor_consents(journey),
            "serology": [
                (test, SerologyResult(test.result).label if test.result else None)
                for test in (serology_of(donor) if donor else ())
            ],
        },
        actions=actions_for(user, journey, _offers(journey, is_known=donor is not None)),
    )


def _status(journey: Journey, found: DonorReadiness) -> tuple[Text, str]:
    """Whether the donor can be collected today; once that is over, nothing is asked any more."""
    if journey.stage not in COLLECTED_FROM:
        return "", ""
    if found.is_ready:
        return _("Ready"), "good"
    return (_("Positive serology"), "harm") if not found.missing else (_("Not ready"), "soon")


def _offers(journey: Journey, *, is_known: bool) -> list[Offer]:
    if journey.stage == Stage.CLOSED:
        return []
    label = _("Change donor's record") if is_known else _("Record donor")
    offers = [Offer(Permission.EDIT_PATIENT, label, "patients:donor", primary=not is_known)]
    if is_known:
        offers.append(Offer(Permission.RECORD_CONSENT, _("Donor's consent"), "patients:donor_consent"))
    return offers
