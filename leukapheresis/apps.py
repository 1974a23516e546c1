from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeukapheresisConfig(AppConfig):
    name = "leukapheresis"
    verbose_name = _("Leukapheresis")
