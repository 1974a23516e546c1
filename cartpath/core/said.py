"""What rules say, in the reader's language. Rules themselves write English only; see `sentences`."""

import re
from datetime import date
from typing import Final

from django.utils import formats
from django.utils.translation import gettext, pgettext

from cartpath.core.sentences import Sentence

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def said_text(sentence: str) -> str:
    """A sentence that a rule wrote in English, in the active language; so are the words put into it.

    A day that a rule put in as `2026-03-05` is written as pages write it: `05-Mar-2026`.
    """
    if not isinstance(sentence, Sentence):
        return _day_said(str(sentence)) or (gettext(sentence) if sentence else "")
    if not sentence.values:
        return gettext(sentence.template)
    words = {
        name: said_text(value) if isinstance(value, str) else value for name, value in sentence.values.items()
    }
    return gettext(sentence.template).format_map(words)


def _day_said(text: str) -> str:
    """The day that a text is, as pages write it; empty when it is anything else."""
    if not _DAY.fullmatch(text):
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return formats.date_format(day, pgettext("date format, Django's letters", "d-M-Y"))
