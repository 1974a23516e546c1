"""A small load generator: `python -m bench.load`, a process of its own that keeps connections alive.

One thread writes prepared requests to plain sockets and reads the answers as they come; that costs about a
twentieth of what a Django server needs for an answer, so the server stays the slower side. The plan comes as
JSON on standard input, the result goes as JSON to standard output.
"""

import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Final

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"
LAST_CHUNK: Final = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to ask for what: `paths` in turn, over so many connections, for so many seconds."""

    port: int
    paths: list[str]
    token: str
    connections: int
    seconds: float
    warm_up_seconds: float = 0.3


@dataclass(frozen=True, slots=True)
class Result:
    """What came back. Times are milliseconds per request as the client saw them."""

    requests: int
    seconds: float
    median_ms: float
    p99_ms: float
    failures: int

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


class _Connection:
    """One kept-alive connection with one request under way."""

    __slots__ = ("buffer", "sent_at", "sock", "wanted")

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.wanted = 0
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.sock.sendall(request)

    def receive(self) -> bytes | None:
        """The status line when the answer is complete, else None."""
        piece = self.sock.recv(262_144)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer += piece
        if not self._is_complete():
            return None
        status = bytes(self.buffer[9:12])
        self.buffer.clear()
        self.wanted = 0
        return status

    def _is_complete(self) -> bool:
        """Whether an answer of a known length, or in chunks, is here to its end."""
        if not self.wanted:
            head_end = self.buffer.find(END_OF_HEAD)
            if head_end < 0:
                return False
            head = bytes(self.buffer[:head_end]).lower()
            start = head.find(LENGTH)
            if start < 0:
                return self.buffer.endswith(LAST_CHUNK)
            length = head[start + len(LENGTH) :].partition(b"\r\n")[0]
            self.wanted = head_end + len(END_OF_HEAD) + int(length)
        return len(self.buffer) >= self.wanted


def run(plan: Plan) -> Result:
    """Keep every connection busy until the time is over."""
    requests = cycle([_request(plan, path) for path in plan.paths])
    selector = selectors.DefaultSelector()
    for _ in range(plan.connections):
        connection = _Connection(plan.port)
        selector.register(connection.sock, selectors.EVENT_READ, connection)
        connection.send(next(requests))
    counted_from = time.perf_counter() + plan.warm_up_seconds
    end = counted_from + plan.seconds
    durations: list[float] = []
    failures = 0
    now = 0.0
    while now < end:
        for key, _events in selector.select():
            connection = key.data
            status = connection.receive()
            now = time.perf_counter()
            if status is None:
                continue
            if now >= counted_from:
                durations.append(now - connection.sent_at)
                failures += status != b"200"
            connection.send(next(requests))
    return _result(durations, now - counted_from, failures)


def _request(plan: Plan, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\n"
        f"Authorization: Bearer {plan.token}\r\nAccept: application/json\r\n\r\n"
    ).encode()


def _result(durations: list[float], seconds: float, failures: int) -> Result:
    ordered = sorted(durations)
    return Result(
        requests=len(ordered),
        seconds=seconds,
        median_ms=1000 * ordered[len(ordered) // 2],
        p99_ms=1000 * ordered[int(len(ordered) * 0.99)],
        failures=failures,
    )


if __name__ == "__main__":
    json.dump(asdict(run(Plan(**json.load(sys.stdin)))), sys.stdout)
