"""A sentence is a plain string that can be translated, copied and stored."""

import copy
import json
import pickle
from dataclasses import asdict

from cartpath.core.sentences import Sentence, say
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


def test_a_copy_of_an_answer_keeps_its_sentences() -> None:
    original = say("Grade {grade}.", grade=2)
    for sentence in (copy.deepcopy(original), pickle.loads(pickle.dumps(original))):
        assert isinstance(sentence, Sentence)
        assert (sentence, sentence.template) == ("Grade 2.", "Grade {grade}.")
    stored = asdict(calculate_crs(CrsInput(temperature_c=38.4)))
    assert stored["explanation"][-1] == "Fever alone: grade 1."
