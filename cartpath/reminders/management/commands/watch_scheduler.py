"""`manage.py watch_scheduler`: e-mails the administrators when the scheduler is silent."""

import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cartpath.reminders.watching import Watcher, is_alive

LOOK_SECONDS: Final = 15.0


class Command(BaseCommand):
    """Needs the database and a mail server, neither Celery nor the broker."""

    help = "Watch the scheduler and tell the administrators by e-mail when it is silent for five minutes."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once, for ever, or only the question whether somebody watches."""
        parser.add_argument("--once", action="store_true", help="look once and end, for a system's own timer")
        parser.add_argument("--alive", action="store_true", help="end well when a watcher looked lately")
        parser.add_argument("--seconds", type=float, default=LOOK_SECONDS, help="between two looks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look until stopped."""
        if options["alive"]:
            if not is_alive(timezone.now()):
                raise CommandError("No watcher looked lately.")
            return
        watcher = Watcher(started_at=timezone.now())
        while True:
            watcher.look(timezone.now())
            if options["once"]:
                if watcher.unreachable_since is not None:
                    raise CommandError("The database can't be reached.")
                return
            time.sleep(options["seconds"])
