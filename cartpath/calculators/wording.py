"""A center's own licensed questions in the calculators that ask them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from toxicity.selectors import capd_wording

# Where the eight answers of CAPD stand in the input of a calculator.
CAPD_ANSWERS: Final[Mapping[str, str]] = MappingProxyType({"capd": "answers", "icans": "capd_answers"})


def licensed_labels(name: str, *, center_id: int, language: str) -> dict[str, str]:
    """Path of a field to the center's own question; empty where the neutral words are used."""
    path = CAPD_ANSWERS.get(name)
    if path is None:
        return {}
    return {f"{path}.{each.topic - 1}": each.text for each in capd_wording(center_id, language)}
