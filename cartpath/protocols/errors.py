"""The one way in which a protocol file can be wrong."""

from pathlib import Path


class ProtocolError(Exception):
    """A protocol file can't be used: which file, which line, and why. Stops start-up."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason
