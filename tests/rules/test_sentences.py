"""A sentence is a plain string that can be translated, copied and stored."""

import copy
import json
import pickle
from dataclasses import asdict

from django.utils.translation import override

from cartpath.core.said import said_text
from cartpath.core.sentences import Sentence, listed, say
from toxicity.grading.crs import CrsInput, calculate_crs


def test_a_sentence_is_the_string_it_says() -> None:
    sentence = say("Grade {grade} of {most}.", grade=2, most=5)
    assert sentence == "Grade 2 of 5."
    assert json.dumps([sentence]) == '["Grade 2 of 5."]'


def test_a_sentence_without_values_may_hold_braces() -> None:
    assert say("{}") == "{}"


def test_a_sentence_can_be_said_again_in_another_language() -> None:
    sentence = say("Grade {grade}.", grade=2)
    assert "Grado {grade}.".format_map(sentence.values) == "Grado 2."
    assert sentence.template == "Grade {grade}."


def test_words_inside_a_sentence_are_translated_too() -> None:
    # Words of the catalog: the test asks for the way they go, not for a translation of its own.
    sentence = say("Grade {grade}: {word}.", grade=2, word=say("Yes"))
    nested = say(
        "{first} ({others})", first=say("Yes"), others=listed([say("No"), say("unknown"), "selepressin"])
    )
    assert (sentence, nested) == ("Grade 2: Yes.", "Yes (No, unknown, selepressin)")
    with override("it"):
        assert said_text(sentence) == "Grade 2: Sì."
        assert said_text(nested) == "Sì (No, non noto, selepressin)"


def test_a_sentence_with_braces_and_no_values_is_said_as_it_is() -> None:
    assert said_text(say("{}")) == "{}"
    assert said_text("") == ""


def test_a_listed_sentence_is_the_words_with_commas() -> None:
    assert listed([]) == ""
    assert listed(["one"]) == "one"
    assert listed(["one", "two"]).values == {"word_1": "one", "word_2": "two"}


def test_a_copy_of_an_answer_keeps_its_sentences() -> None:
    original = say("Grade {grade}.", grade=2)
    for sentence in (copy.deepcopy(original), pickle.loads(pickle.dumps(original))):
        assert isinstance(sentence, Sentence)
        assert (sentence, sentence.template) == ("Grade 2.", "Grade {grade}.")
    stored = asdict(calculate_crs(CrsInput(temperature_c=38.4)))
    assert stored["explanation"][-1] == "Fever alone: grade 1."
