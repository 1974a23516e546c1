"""Brings the demo's database up to date in one process: `python -m cartpath.embedded.prepare ACCOUNTS_FILE`.

Django starts once for all three commands; a second start of the demo costs little more than that.
"""

import sys
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    """Migrate, load the demo center unless it is there, and write down who can sign in."""
    accounts = Path(sys.argv[1])
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_demo")
    with accounts.open("w", encoding="utf-8") as file:
        call_command("demo_accounts", stdout=file)


if __name__ == "__main__":
    main()
