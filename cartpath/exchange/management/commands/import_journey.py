"""`manage.py import_journey FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cartpath.accounts.models import User
from cartpath.core.actor import Actor
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import JourneyFileError, read


class Command(BaseCommand):
    """Loads one journey from a JSON file, all or nothing."""

    help = "Load one journey from a journey file. A bad file changes nothing and says where it is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE, and who imports it: the ledger says `import` unless a person is named."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", metavar="EMAIL", help="the person in whose name the events are recorded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the whole file, then play it; print what was done, without a name."""
        path: Path = options["file"]
        by = _actor(options["by"])
        try:
            imported = journey_import(file=read(_text(path), now=timezone.now()), by=by)
        except JourneyFileError as error:
            raise CommandError(f"{path}: nothing was imported.\n{error}") from error
        if imported.was_known:
            self.stdout.write(f"Journey {imported.journey_id} is here already; nothing was changed.")
            return
        self.stdout.write(
            f"Journey {imported.journey_id}: {imported.events_read} events read, "
            f"{imported.events_written} written to the ledger; stage {imported.stage.value}."
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CommandError(f"{path}: nothing was imported: line {line} is not UTF-8 text.") from error


def _actor(email: str | None) -> Actor:
    if email is None:
        return Actor.system("import")
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody signs in as {email}.")
    return user.actor
