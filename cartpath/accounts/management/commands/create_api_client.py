"""`manage.py create_api_client NAME --center CODE --scope SCOPE…`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cartpath.accounts.enums import Scope
from cartpath.accounts.models import Center
from cartpath.accounts.services import api_client_create


class Command(BaseCommand):
    """Registers a program and prints its credentials once, as JSON."""

    help = "Register an API client and print its credentials once, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """NAME, one or more centers, one or more scopes."""
        parser.add_argument("name")
        parser.add_argument("--center", action="extend", nargs="+", required=True, metavar="CODE")
        parser.add_argument(
            "--scope", action="extend", nargs="+", required=True, choices=Scope.values, metavar="SCOPE"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the client; the token is shown here and never again."""
        centers = list(Center.objects.filter(code__in=options["center"]))
        missing = sorted(set(options["center"]) - {center.code for center in centers})
        if missing:
            known = ", ".join(Center.objects.order_by("code").values_list("code", flat=True)) or "none"
            raise CommandError(f"No center with code {', '.join(missing)}. Known: {known}.")
        new = api_client_create(name=options["name"], centers=centers, scopes=options["scope"])
        self.stdout.write(
            json.dumps(
                {
                    "client_id": str(new.client.pk),
                    "name": new.client.name,
                    "centers": sorted(center.code for center in centers),
                    "scopes": new.client.scopes,
                    "token": new.token,
                }
            )
        )
