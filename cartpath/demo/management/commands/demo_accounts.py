"""`manage.py demo_accounts`."""

from typing import Any

from django.core.management.base import BaseCommand

from cartpath.demo.cast import CENTERS, DEMO_PASSWORD, PEOPLE


class Command(BaseCommand):
    """Prints who can sign in to the demo."""

    help = "Print the demo's sign-in names, one a line, and their password."

    def handle(self, *args: Any, **options: Any) -> None:
        """The password first, it is the same for all; then name, roles and centers."""
        centers = {code: name for code, name, _zone, _phone in CENTERS}
        width = max(len(person.email) for person in PEOPLE)
        self.stdout.write(f"Sign in with the password {DEMO_PASSWORD} as")
        for person in PEOPLE:
            roles = dict.fromkeys(str(role.label).lower() for _center, role in person.roles)
            where = dict.fromkeys(centers[code] for code, _role in person.roles)
            self.stdout.write(
                f"  {person.email:<{width}}  {person.name}, {', '.join(roles)}, {' and '.join(where)}"
            )
