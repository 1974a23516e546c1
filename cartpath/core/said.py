"""What rules say, in the reader's language. Rules themselves write English only; see `sentences`."""

from django.utils.translation import gettext

from cartpath.core.sentences import Sentence


def said_text(sentence: str) -> str:
    """A sentence that a rule wrote in English, in the active language; so are the words put into it."""
    if not isinstance(sentence, Sentence):
        return gettext(sentence) if sentence else ""
    if not sentence.values:
        return gettext(sentence.template)
    words = {
        name: said_text(value) if isinstance(value, str) else value for name, value in sentence.values.items()
    }
    return gettext(sentence.template).format_map(words)
