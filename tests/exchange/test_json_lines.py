"""Every value of a JSON text has a line."""

import json

from hypothesis import given
from hypothesis import strategies as st

from cartpath.exchange.json_lines import Path, dotted, scan

TEXT = """{
 "a": 1, "b": [
  {"k": "x\\"}]", "z": []},
  3,
  [1,
   2, {}]
 ],
 "c": {"d": null,
  "d": 2}
}"""


def test_a_member_stands_on_the_line_of_its_key_and_an_element_on_its_own() -> None:
    lines = scan(TEXT)
    assert lines.of(()) == 1
    assert lines.of(("a",)) == lines.of(("b",)) == 2
    assert lines.of(("b", 0, "k")) == lines.of(("b", 0, "z")) == 3
    assert lines.of(("b", 2, 0)) == 5
    assert lines.of(("b", 2, 1)) == lines.of(("b", 2, 2)) == 6


def test_a_value_that_is_missing_stands_where_its_parent_stands() -> None:
    assert scan(TEXT).of(("b", 0, "missing", "deeper")) == 3


def test_a_key_that_is_given_twice_is_found() -> None:
    assert scan(TEXT).repeated == ((("c", "d"), 9),)


def test_a_path_reads_as_people_write_it() -> None:
    assert dotted(("events", 12, "data", "visited_on")) == "events[12].data.visited_on"
    assert dotted(()) == "file"


values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_every_value_of_any_json_is_found_in_order(value: object) -> None:
    lines = scan(json.dumps(value, indent=1))
    paths = list(_paths(value, ()))
    assert set(lines.by_path) == set(paths)
    found = [lines.by_path[path] for path in paths]
    assert found == sorted(found)
    assert lines.repeated == ()


def _paths(value: object, path: Path) -> list[Path]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(deeper for step, each in inner for deeper in _paths(each, (*path, step)))]
