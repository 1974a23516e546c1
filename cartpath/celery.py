"""The Celery application; `celery --app cartpath worker` and `celery --app cartpath beat` find it here."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartpath.settings")

app = Celery("cartpath")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_the_logging_of_the_settings(loglevel: int | str | None, **_options: Any) -> None:
    """Stop Celery from adding handlers of its own; a process without any handler still gets one."""
    logging.basicConfig(level=loglevel, format="%(levelname)s %(name)s: %(message)s")
