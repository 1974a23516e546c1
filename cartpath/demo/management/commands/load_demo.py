"""`manage.py load_demo`."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cartpath.demo.loading import DEFAULT_SEED, demo_load, is_loaded
from cartpath.reminders import engine

ANNOUNCE_SECONDS = 20


class Command(BaseCommand):
    """Makes the demo center once; a second time it changes nothing."""

    help = "Make the demo center with invented people and about 40 journeys, unless it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The seed chooses names and figures; dates are counted from today."""
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in one transaction, then tell people what is due."""
        if settings.PRODUCTION:
            raise CommandError("The demo's password is public: it is not loaded in production.")
        if is_loaded():
            self.stdout.write("The demo center is here already; nothing was changed.")
            return
        loaded = demo_load(seed=options["seed"], now=timezone.now())
        told = engine.run(now=timezone.now, seconds=ANNOUNCE_SECONDS)
        self.stdout.write(f"Demo loaded: {loaded.journeys} journeys, {loaded.events} events.")
        counted = ", ".join(f"{count} {what}" for what, count in sorted(told.items()))
        self.stdout.write(f"Reminders: {counted or 'none due'}.")
