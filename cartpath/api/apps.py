from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """REST for programs: status, ledger, referrals, slots, toxicity and reminders."""

    name = "cartpath.api"
    label = "api"
    verbose_name = _("Programs")

    def ready(self) -> None:
        """Tell drf-spectacular how our shapes and tokens are described."""
        from cartpath.api import schema  # noqa: F401  (its extensions register themselves)
