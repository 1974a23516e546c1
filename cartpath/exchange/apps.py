from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """Journey files in and out; no tables."""

    name = "cartpath.exchange"
    label = "exchange"
    verbose_name = _("Exchange")
