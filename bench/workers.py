"""Processes with Django that work for a benchmark in a database of its own, and how they are spoken to.

A worker is `python -m MODULE`; it is told what to do as a line of JSON and answers with lines.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.servers import ROOT


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """An empty database on the server that `DATABASE_URL` names, dropped afterwards; yields its address."""
    address = os.environ["DATABASE_URL"]
    identifier = sql.Identifier(name)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        server.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        try:
            yield urlsplit(address)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


def start(module: str, url: str) -> "subprocess.Popen[str]":
    """A worker on a database."""
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def tell(worker: "subprocess.Popen[str]", line: str) -> None:
    """Say something to a worker."""
    assert worker.stdin is not None
    worker.stdin.write(line + "\n")
    worker.stdin.flush()


def hear(worker: "subprocess.Popen[str]") -> str:
    """The next line of a worker. Raises RuntimeError when it ended instead."""
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise RuntimeError("a worker of the benchmark ended early")
    return line


class Hand:
    """One worker that does one thing after another."""

    def __init__(self, module: str, url: str) -> None:
        self._worker = start(module, url)

    def ask(self, **asked: Any) -> dict[str, Any]:
        """What it answers when it is done."""
        tell(self._worker, json.dumps(asked))
        answer: dict[str, Any] = json.loads(hear(self._worker))
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._worker.stdin is not None
        self._worker.stdin.close()
        self._worker.wait()


def ask(module: str, url: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What a worker answers that does one thing."""
    with Hand(module, url) as hand:
        return hand.ask(**asked)


def race(module: str, url: str, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several workers that say when they are ready and then begin together; their answers."""
    running = [start(module, url) for _ in asked]
    for worker, each in zip(running, asked, strict=True):
        tell(worker, json.dumps(each))
    for worker in running:
        hear(worker)
    for worker in running:
        tell(worker, "go")
    answers = [json.loads(hear(worker)) for worker in running]
    for worker in running:
        assert worker.stdin is not None
        worker.stdin.close()
        worker.wait()
    return answers
