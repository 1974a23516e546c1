"""`manage.py verify_ledger`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from cartpath.ledger.verify import verify


class Command(BaseCommand):
    """Replays every journey's ledger and prints every break found."""

    help = "Replay every journey's ledger; exit 1 on a break."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print journeys and events checked, then each break."""
        report = verify()
        for found in report.breaks:
            self.stderr.write(f"BREAK journey {found.journey_id} event {found.seq}: {found.why}")
        self.stdout.write(
            f"{report.journeys} journeys, {report.events} events checked, {len(report.breaks)} breaks."
        )
        if report.breaks:
            sys.exit(1)
