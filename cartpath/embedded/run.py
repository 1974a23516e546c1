"""Runs one command with servers of its own: `python -m cartpath.embedded.run [--durable] -- COMMAND ...`."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from cartpath.embedded.process import ServiceError, spawn, stop
from cartpath.embedded.services import running_services
from cartpath.embedded.testing import TEST_ENVIRONMENT


def main() -> int:
    """Start the servers, run the command, stop them, and return the command's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--durable", action="store_true", help="write to disk as safely as production does")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="cartpath-run-") as folder:
        try:
            with running_services(Path(folder), durable=options.durable) as services:
                return _run(options.command, TEST_ENVIRONMENT | dict(os.environ) | services.environment())
        except ServiceError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        except KeyboardInterrupt:
            return 130


def _run(command: list[str], environment: dict[str, str]) -> int:
    program = shutil.which(command[0])
    if program is None:
        message = f"{command[0]} was not found."
        raise ServiceError(message)
    process = spawn([program, *command[1:]], environment=environment)
    try:
        return process.wait()
    finally:
        stop(process, signal.SIGTERM, 10)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
