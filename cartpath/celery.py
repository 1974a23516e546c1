"""The Celery application; `celery --app cartpath worker` and `celery --app cartpath beat` find it here."""

import gc
import logging
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartpath.settings")

app = Celery("cartpath")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_the_logging_of_the_settings(loglevel: int | str | None, **_options: Any) -> None:
    """Stop Celery from adding handlers of its own; a process without any handler still gets one."""
    logging.basicConfig(level=loglevel, format="%(levelname)s %(name)s: %(message)s")


@worker_init.connect
def get_ready(**_options: Any) -> None:
    """Load what messages need, and keep the garbage collector from going through it again and again.

    What is loaded stays for the life of the process; to look through all of it took a fifth of the time of a
    message. The pool's processes inherit it. They must not do it themselves: whoever isn't ready within
    seconds is killed, and on a busy machine none would be.
    """
    reverse("web:board")  # Reads the addresses of all pages.
    gc.collect()
    gc.freeze()
