"""What every write of the toxicity room refuses."""

from datetime import datetime

from django.utils.translation import gettext as _

from cartpath.core.errors import Invalid
from patients.models import Journey


def refuse_before_infusion(journey: Journey, at: datetime) -> None:
    """Raise `Invalid` for a time before the infusion, or while there was none."""
    if journey.infused_at is None or at < journey.infused_at:
        raise Invalid(
            "invalid_input",
            _("Before the infusion."),
            fields={"at": _("Give a time after the infusion began.")},
        )
