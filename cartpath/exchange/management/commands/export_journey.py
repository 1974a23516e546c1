"""`manage.py export_journey JOURNEY_ID`."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from cartpath.core.errors import NotFound
from cartpath.exchange.exporting import journey_export


class Command(BaseCommand):
    """Prints one journey as a journey file, patient data included."""

    help = "Print one journey as a journey file that import_journey reads. It holds patient data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """JOURNEY_ID as shown in the address of the patient page."""
        parser.add_argument("journey_id", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the file."""
        try:
            told = journey_export(options["journey_id"])
        except NotFound as error:
            raise CommandError(error.message) from error
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
