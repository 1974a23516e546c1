"""Check characters after ISO/IEC 7064, modulus 37-2, as ISBT 128 uses them.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2, appendix A.
"""

from typing import Final

__all__ = ["ISO7064_ALPHABET", "check_character", "check_value"]

ISO7064_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_MODULUS: Final = 37
_RADIX: Final = 2


def check_value(text: str) -> int:
    """The check value, 0 to 36, of a text of digits and capital letters. Raises ValueError for others.

    Source: ST-001 v6.2.2, appendix A.
    """
    total = 0
    for character in text:
        total = (total + ISO7064_ALPHABET.index(character)) * _RADIX % _MODULUS
    return (_MODULUS + 1 - total) % _MODULUS


def check_character(value: int) -> str:
    """The character printed for a check value: a digit, a capital letter or `*`.

    Source: ST-001 v6.2.2, appendix A.
    """
    return ISO7064_ALPHABET[value]
