"""A real SMTP server that keeps what it accepted, for tests that send real mail."""

import asyncio
import socket
from collections import Counter
from email.message import Message
from email.parser import BytesParser
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller


class SmtpSink:
    """Accepts mail on a port of its own from `with` to the end of the block.

    `accepted` counts every message by its Message-ID, so that a message accepted twice shows.
    """

    def __init__(self, *, seconds_for_each: float = 0.0) -> None:
        self.accepted: Counter[str] = Counter()
        self.messages: list[Message] = []
        self._seconds_for_each = seconds_for_each
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make CARTPath send its mail here."""
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self._controller.port), "EMAIL_FILE_PATH": ""}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take a message in."""
        await asyncio.sleep(self._seconds_for_each)
        message = BytesParser().parsebytes(envelope.content)
        self.messages.append(message)
        self.accepted[message["Message-ID"]] += 1
        return "250 Message accepted for delivery"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
