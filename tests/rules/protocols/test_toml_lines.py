"""Finding the line of a value in TOML text."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols.toml_lines import Path, line_of

TEXT = '''# a comment with = and [brackets]
title = "a # b = [c]"
sources.KEY = "dotted"

[plain]
numbers = [1, 2, # [not here]
  3,
]
inline = { a = 1, b = 2 }

[[rows]]
id = "first"
text = """
[[rows]]
id = "not a row"
"""

[[rows]]
id = "second"
[rows.inner]
deep = "x"

[[rows.list]]
name = "l0"
[[rows.list]]
name = "l1"
tables = [
  { a = 1 },
  { a = 2 },
]

["quoted.name"]
'key' = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("sources", "KEY"), 3),
        (("plain",), 5),
        (("plain", "numbers"), 6),
        (("plain", "numbers", 0), 6),
        (("plain", "numbers", 2), 7),
        (("plain", "inline", "b"), 9),
        (("rows", 0), 11),
        (("rows", 0, "id"), 12),
        (("rows", 0, "text"), 13),
        (("rows", 1), 18),
        (("rows", 1, "id"), 19),
        (("rows", 1, "inner", "deep"), 21),
        (("rows", 1, "list", 0, "name"), 24),
        (("rows", 1, "list", 1), 25),
        (("rows", 1, "list", 1, "tables", 1, "a"), 29),
        (("rows", 1, "absent"), 18),
        (("quoted.name", "key"), 33),
        (("absent",), 1),
        ((), 1),
    ],
)
def test_the_line_of_a_value_or_of_what_holds_it(path: Path, line: int) -> None:
    tomllib.loads(TEXT)
    assert line_of(TEXT, path) == line


@given(st.text(max_size=200))
def test_any_text_is_scanned_to_its_end(text: str) -> None:
    assert line_of(text, ("a", 0)) >= 1
