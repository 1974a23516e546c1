"""`manage.py replay READER`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import readers


class Command(BaseCommand):
    """Rebuilds a reader's tables from the ledger, journey by journey."""

    help = "Rebuild the tables of one ledger reader (or of all)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """READER is one of the names in `settings.LEDGER_READERS`, or `all`."""
        parser.add_argument("reader", choices=[*(reader.name for reader in readers()), "all"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Lock each chain, then rebuild."""
        chosen = [reader for reader in readers() if options["reader"] in (reader.name, "all")]
        count = 0
        for journey_id in Chain.objects.order_by("journey_id").values_list("pk", flat=True).iterator():
            with transaction.atomic():
                chain = Chain.objects.select_for_update().get(pk=journey_id)
                events = list(Event.objects.of(journey_id))
                for reader in chosen:
                    reader.rebuild(chain, events)
            count += 1
        self.stdout.write(f"{count} journeys replayed.")
