"""`manage.py calculate NAME`: one JSON object per line in, one per line out."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Any, BinaryIO, Final, cast

from django.core.management.base import BaseCommand

from cartpath.calculators.evaluate import as_json, evaluate
from cartpath.calculators.registry import CALCULATORS, Calculator

_BURST_BYTES: Final = 1 << 16


class Command(BaseCommand):
    """Needs no database. Line n of the output answers line n of the input; a blank line is a bad input."""

    help = (
        "Read one JSON object per line on standard input and write one answer per line on standard output, "
        "in order. A line that is no valid input, a blank one included, is answered with an error."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", choices=sorted(CALCULATORS), metavar="NAME", help=", ".join(sorted(CALCULATORS))
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer_lines(
                CALCULATORS[options["name"]], cast("BufferedIOBase", sys.stdin.buffer), sys.stdout.buffer
            )
        except BrokenPipeError:
            # The reader has what it wanted (`| head`); Python must not fail again when it closes the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def answer_lines(calculator: Calculator, questions: BufferedIOBase, answers: BinaryIO) -> None:
    """Answer each line with UTF-8 JSON on one line, as soon as it is there.

    Lines that came together are answered together: one write for each burst, and none is held back.
    """
    for lines in _bursts(questions):
        answers.write(b"".join(as_json(evaluate(calculator, line)).encode() + b"\n" for line in lines))
        answers.flush()


def _bursts(questions: BufferedIOBase) -> Iterator[list[bytes]]:
    """The complete lines that are available at each moment; the last one may lack its line end."""
    unfinished: list[bytes] = []
    while chunk := questions.read1(_BURST_BYTES):
        *complete, rest = chunk.split(b"\n")
        if complete:
            complete[0] = b"".join(unfinished) + complete[0]
            unfinished = []
            yield complete
        if rest:
            unfinished.append(rest)
    if unfinished:
        yield [b"".join(unfinished)]
