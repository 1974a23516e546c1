"""`manage.py calculate NAME`: one JSON object per line in, one per line out."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand

from cartpath.calculators.evaluate import evaluate
from cartpath.calculators.registry import CALCULATORS, Calculator

_as_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


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
            answer_lines(CALCULATORS[options["name"]], sys.stdin.buffer, sys.stdout.buffer)
        except BrokenPipeError:
            # The reader has what it wanted (`| head`); Python must not fail again when it closes the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def answer_lines(calculator: Calculator, lines: Iterable[bytes], answers: BinaryIO) -> None:
    """Answer each line as soon as it is read, as UTF-8 JSON on one line."""
    for line in lines:
        answers.write(_as_json(evaluate(calculator, line)).encode() + b"\n")
        answers.flush()
