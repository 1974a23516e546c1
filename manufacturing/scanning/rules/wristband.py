"""The code of a wristband: ten random characters and a check character, nothing about the child.

Source: the check is ISO/IEC 7064, modulus 37-2, as ISBT 128 uses it; the form is our own.
"""

from collections.abc import Callable, Sequence
from typing import Final

from leukapheresis.rules.iso7064 import check_character, check_value

PREFIX: Final = "CPW"
# Without letters and digits that are taken for each other: I and 1, O and 0, U and V.
LETTERS: Final = "ABCDEFGHJKLMNPQRSTVWXYZ23456789"
RANDOM: Final = 10
LENGTH: Final = len(PREFIX) + RANDOM + 1


def wristband_code(choose: Callable[[Sequence[str]], str]) -> str:
    """A new code; `choose` picks one of the letters, as `secrets.choice` does.

    Source: our own form, checked as ISO/IEC 7064 says.
    """
    body = PREFIX + "".join(choose(LETTERS) for _ in range(RANDOM))
    return body + check_character(check_value(body))


def looks_like_wristband(text: str) -> bool:
    """Whether a text is meant as the code of a wristband, well made or not. Source: our own form."""
    return text.startswith(PREFIX) and len(text) == LENGTH


def right_check(code: str) -> str | None:
    """The check character a code must end with; None where a character in it can't be.

    Source: ISO/IEC 7064, modulus 37-2.
    """
    body = code[:-1]
    if any(letter not in LETTERS for letter in body.removeprefix(PREFIX)):
        return None
    return check_character(check_value(body))
