"""Rules of custody: which step may follow, which identifiers belong together, and the fold of the ledger."""

from manufacturing.custody.rules.guards import Held, Refused, is_temp_in_range, refusal
from manufacturing.custody.rules.numbers import ScanRead, differences, identity_problem, read_matches

__all__ = [
    "Held",
    "Refused",
    "ScanRead",
    "differences",
    "identity_problem",
    "is_temp_in_range",
    "read_matches",
    "refusal",
]
