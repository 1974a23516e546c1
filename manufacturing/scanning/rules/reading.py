"""What a scanned or typed code says: ISBT 128, one structure or several; a wristband; any other text.

Source: ISBT 128 Standard Technical Specification ST-001 v6.2.2: table 2 for the structures, structure 023
for messages of several (`=+`, their count, three characters), appendix A for check characters. Two adjacent
bar codes that a scanner joins are one structure after the other.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from cartpath.core.errors import Invalid
from cartpath.core.sentences import say
from leukapheresis.rules.isbt128 import Scanned, parse
from leukapheresis.rules.isbt128_print import compose_din
from leukapheresis.rules.isbt128_structures import DIN_FIRST, STRUCTURES, Structure
from leukapheresis.rules.iso7064 import check_character, check_value
from manufacturing.scanning.rules.wristband import looks_like_wristband, right_check

__all__ = ["MOST_READ", "Read", "read_code"]

Form = Literal["isbt128", "wristband", "text"]
# The longest a scanner sends here.
MOST_READ: Final = 120
# What scanners may send first to say which kind of bar code it was (ISO/IEC 15424).
_SYMBOLOGY: Final = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
# What comes instead of = and & from a scanner that is set to another keyboard than the computer.
_OTHER_KEYBOARD: Final = "ì´"
_TYPED_DIN: Final = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}\d{10}")
_DIN_LENGTH: Final = 13
_DONATION: Final = STRUCTURES[0]
_MESSAGE: Final = re.compile(r"=\+(\d\d)[0-9A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a code says; an empty text is what it doesn't say.

    `text` is the code as it counts: the code of a wristband, or the text that a manufacturer printed.
    """

    text: str
    form: Form
    din: str = ""
    product_code: str = ""
    collection_type: str = ""
    division: str = ""
    coi: str = ""
    lot: str = ""
    expires_on: date | None = None


def read_code(typed: str) -> Read:
    """Read what a scanner sent or a person typed.

    Raises Invalid (field `read`): `wrong_check` where a check doesn't fit, `unreadable` for everything else
    that isn't well made.

    Source: ST-001 v6.2.2.
    """
    text = _SYMBOLOGY.sub("", typed.strip())
    if not text:
        raise _unreadable(say("Nothing was read. Scan the code again."))
    if len(text) > MOST_READ:
        raise _unreadable(say("This is longer than any code that is read here."))
    if text[0] in _OTHER_KEYBOARD:
        raise _unreadable(
            say("The scanner is set to another keyboard than this computer. Set it to the same country.")
        )
    if looks_like_wristband(text.upper()):
        return _wristband(text.upper())
    if text[0] in "=&":
        return _structures(text)
    din = _typed_din(text)
    return din or Read(text=text, form="text")


def _unreadable(sentence: str) -> Invalid:
    return Invalid("unreadable", "This can't be read.", fields={"read": sentence})


def _wrong_check(sentence: str) -> Invalid:
    return Invalid("wrong_check", "The check characters don't fit.", fields={"read": sentence})


def _wristband(code: str) -> Read:
    right = right_check(code)
    if right is None:
        raise _unreadable(say("This isn't the code of a wristband: one of its characters can't be."))
    if code[-1] != right:
        raise _wrong_check(
            say(
                "The check character of the wristband is {wrong} and must be {right}: a character before it "
                "is wrong.",
                wrong=code[-1],
                right=right,
            )
        )
    return Read(text=code, form="wristband")


def _typed_din(text: str) -> Read | None:
    """A donation number typed by hand, with the character from its box."""
    plain = text.replace(" ", "").upper()
    number, check = plain[:_DIN_LENGTH], plain[_DIN_LENGTH:]
    if not _TYPED_DIN.fullmatch(number) or len(check) > 1:
        return None
    right = check_character(check_value(number))
    if not check:
        raise _wrong_check(say("Type the check character, too: it stands in the box behind the number."))
    if check != right:
        raise _wrong_check(
            say(
                "The check character of this donation number is {right}, not {wrong}: a character is wrong "
                "or two are swapped.",
                right=right,
                wrong=check,
            )
        )
    return Read(text=str(compose_din(number)), form="isbt128", din=number)


def _structures(text: str) -> Read:
    read = Read(text=text, form="isbt128")
    for scanned in _cut(text):
        read = _with(read, scanned)
    return read


def _cut(text: str) -> list[Scanned]:
    """The structures of a message, one after another."""
    message = _MESSAGE.match(text)
    rest = text[message.end() :] if message else text
    found: list[Scanned] = []
    while rest:
        length = _length(_starting(rest)) if _starting(rest) else len(rest)
        found.append(_parsed(rest[:length]))
        rest = rest[length:]
    if message and int(message.group(1)) != len(found):
        raise _unreadable(
            say(
                "The code announces {count} parts and holds {found}.",
                count=int(message.group(1)),
                found=len(found),
            )
        )
    return found


def _starting(text: str) -> Structure | None:
    for structure in STRUCTURES:
        if structure is not _DONATION and text.startswith(structure.identifier):
            return structure
    return _DONATION if text[0] == DIN_FIRST and len(text) > 1 and text[1].isalnum() else None


def _length(structure: Structure | None) -> int:
    if structure is None:
        return 0
    return len(structure.identifier) + sum(len(field.places) for field in structure.fields)


def _parsed(text: str) -> Scanned:
    try:
        return parse(text)
    except Invalid as refusal:
        sentence = refusal.fields["data"]
        # A number whose characters are all possible and that is refused has a check that doesn't fit.
        raise (_wrong_check(sentence) if _is_well_made(text) else _unreadable(sentence)) from None


def _is_well_made(text: str) -> bool:
    """Whether a structure that carries a check has nothing but characters that can stand in their places."""
    structure = _starting(text)
    if structure is None or structure.number not in _CHECKED or len(text) != _length(structure):
        return False
    places = [place for field in structure.fields for place in field.places]
    values = text[len(structure.identifier) :]
    return all(value in place.allowed for value, place in zip(values, places, strict=True))


# Structures that carry a check: the donation number in its flags, the donor's identifier at its end.
_CHECKED: Final = frozenset({"001", "039"})


def _with(read: Read, scanned: Scanned) -> Read:
    parts, meaning = scanned.parts, scanned.meaning
    match scanned.structure.number:
        case "001":
            return replace(read, din=str(meaning["din"]))
        case "003":
            return replace(
                read,
                product_code=parts["product_description_code"],
                collection_type=parts["collection_type"],
                division=parts["division"],
            )
        case "004" | "005":
            return replace(read, expires_on=date.fromisoformat(str(meaning["date"])))
        case "032":
            return replace(read, division=parts["division"])
        case "035":
            return replace(read, lot=str(meaning["lot"]))
        case "040":
            return replace(read, coi=str(meaning["identifier"]))
        case _:
            return read


def is_expired(expires_at: datetime | None, at: datetime) -> bool:
    """Whether the time to use something has passed; an unknown one never passes.

    Source: the last moment stands on the label and counts as still in time.
    """
    return expires_at is not None and at > expires_at
