"""What receives the messages: one line for each, in a file that only grows, outside of the database.

A line is written with one call, so that a process that is killed leaves a whole line or none. It says when
(on the machine's clock, which all processes share, and on the simulation's), to whom, under which id, and
about which reminder.
"""

import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from cartpath.reminders.webhooks import Call
from tests.simulation.clock import clock_of_environment

VARIABLE: Final = "SIMULATION_LOG"
_LINK: Final = re.compile(r"/reminders/([0-9a-f-]{36})/")


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that was taken in."""

    real: float
    at: datetime
    to: str
    id: str
    reminder: UUID | None
    rung: int | None


def write(**line: Any) -> None:
    """Take one message in."""
    told = {"real": time.monotonic(), "at": clock_of_environment().now().isoformat(), **line}
    file = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, (json.dumps(told) + "\n").encode())
    finally:
        os.close(file)


class LogBackend(BaseEmailBackend):
    """Django's side of it: takes e-mails."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Each in full, as a mail server would get it."""
        for message in email_messages:
            text = message.message().as_string()
            found = _LINK.search(text)
            told = {"id": message.extra_headers["Message-ID"], "to": message.to[0]}
            write(**told, reminder=found and found.group(1), rung=None)
        return len(email_messages)


def post(call: Call) -> None:
    """The webhook's side of it, in place of a request over the network."""
    data = call.body["data"]
    write(id=data["delivery_id"], to=call.url, reminder=data["reminder_id"], rung=data["rung"])


def read(path: Path) -> list[Taken]:
    """Everything that was taken in, in order."""
    if not path.exists():
        return []
    return [_taken(json.loads(line)) for line in path.read_text().splitlines()]


def _taken(line: dict[str, Any]) -> Taken:
    reminder = UUID(line["reminder"]) if line["reminder"] else None
    at = datetime.fromisoformat(line["at"])
    return Taken(line["real"], at, line["to"], line["id"], reminder, line["rung"])
