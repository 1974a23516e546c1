"""The pages of the calculators: one form each, the answer on the same page, nothing kept."""

import json
import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import timezone

from cartpath.accounts.models import User
from cartpath.calculators.evaluate import evaluate
from cartpath.calculators.forms import CalculatorForm
from cartpath.calculators.registry import CALCULATORS
from cartpath.calculators.words import FLAGS
from cartpath.ledger.models import Event
from patients.results import RuleResult
from tests.conftest import ROME
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from tests.rules.calculators.examples import EXAMPLES
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice

NewDesk = Callable[[User], Desk]
NAMES = sorted(CALCULATORS)


class Browser(HTMLParser):
    """What a browser would send back of a form's fields, untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.select = self.area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what is chosen, ticked or typed."""
        named = dict(attrs)
        name = named.get("name") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in named:
            self.sent[self.select] = [named.get("value") or ""]
        elif tag == "textarea":
            self.area = name
        elif tag == "input" and name:
            if named.get("type") in ("checkbox", "radio") and "checked" not in named:
                return
            ticked = "on" if named.get("type") == "checkbox" else ""
            self.sent.setdefault(name, []).append(named.get("value") or ticked)

    def handle_endtag(self, tag: str) -> None:
        """A text area ends."""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        """The text inside a text area."""
        if self.area:
            self.sent[self.area] = [self.sent.get(self.area, [""])[0] + data.removeprefix("\n")]


def sent_back(form: CalculatorForm) -> dict[str, list[str]]:
    """The untouched form, as a browser would send it."""
    rows = {f"{path}.rows": ["9"] for path in form.fields_of_rows}
    return Browser("".join(str(field) for field in form)).sent | rows


class Sent(dict[str, list[str]]):
    """Just enough of a QueryDict."""

    def get(self, name: str, default: Any = None) -> Any:
        """The last value."""
        return self[name][-1] if self.get_list(name) else default

    def get_list(self, name: str) -> list[str]:
        """All values."""
        return super().get(name) or []

    getlist = get_list


@pytest.mark.parametrize(("name", "given"), EXAMPLES, ids=lambda each: each if isinstance(each, str) else "")
def test_a_form_filled_from_an_input_gives_the_same_answer(name: str, given: dict[str, Any]) -> None:
    calculator = CALCULATORS[name]
    with timezone.override(ROME):
        shown = CalculatorForm(calculator, inputs=given)
        form = CalculatorForm(calculator, Sent(sent_back(shown)), inputs=given)
        assert form.is_valid(), form.errors
    answer: Any = evaluate(calculator, json.dumps(form.given))
    assert answer["result"] == evaluate(calculator, json.dumps(given))["result"]


@pytest.fixture
def bens(desk: NewDesk, ben: User) -> Desk:
    """Ben at his screen."""
    return desk(ben)


def test_the_list_names_every_calculator_with_what_it_is_for(bens: Desk) -> None:
    page = text_of(bens.get("/calculators/"))
    for calculator in CALCULATORS.values():
        assert f'href="/calculators/{calculator.name}/"' in page
        assert escape(str(calculator.purpose)) in page


@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_page_holds_no_value_at_all(name: str, bens: Desk) -> None:
    response = bens.get(f"/calculators/{name}/")
    assert response.status_code == 200
    main = response.content.decode().partition("<main")[2]
    sent = {field: value for field, value in Browser(main).sent.items() if value != [""]}
    sent.pop("csrfmiddlewaretoken", None)
    assert all(field.endswith(".rows") for field in sent), sent
    assert not re.search(r"style=|<script(?! src)|\son\w+=\"", main)


@pytest.mark.parametrize(("name", "given"), EXAMPLES, ids=lambda each: each if isinstance(each, str) else "")
def test_every_example_is_answered_on_its_page(name: str, given: dict[str, Any], bens: Desk) -> None:
    with timezone.override(ROME):
        form = CalculatorForm(CALCULATORS[name], inputs=given)
        typed = sent_back(form)
    response = bens.post(f"/calculators/{name}/", typed)
    page = text_of(response)
    assert response.status_code == 200, re.findall(r'class="field-error".*?</ul>', page)
    answer: Any = evaluate(CALCULATORS[name], json.dumps(given))
    assert escape(answer["source"]) in page
    assert "result-why" in page
    assert "Ben · CARTPath" in page
    for flag in answer["flags"]:
        assert escape(str(FLAGS[flag])) in page
        assert not re.search(rf"\b{flag}\b", page.partition('class="result"')[2])
    if answer["missing"]:
        assert "Unknown, and therefore not judged:" in page


def test_a_grade_is_shown_with_its_reasons_and_as_a_lower_bound(bens: Desk) -> None:
    page = text_of(bens.post("/calculators/crs/", {"temperature_c": "38,6", "hypotension": "no"}))
    assert "grade-1" in page
    assert "at least" in page
    assert "38.6 °C is fever (38.0 °C or more, no other cause)." in page
    assert "Unknown, and therefore not judged: oxygen." in page
    assert "The result is a lower bound." in page
    assert "ASTCT 2019" in page
    assert 'value="38,6"' in page


def test_no_is_not_unknown(bens: Desk) -> None:
    page = text_of(
        bens.post("/calculators/crs/", {"temperature_c": "37", "hypotension": "no", "oxygen.device": "none"})
    )
    assert "No hypotension." in page
    assert "not judged" not in page


@pytest.mark.parametrize(
    ("name", "number"),
    [("car_hematotox", "in the high class"), ("easix", "Children have a lower creatinine")],
)
def test_the_caveat_for_children_stands_beside_the_number(name: str, number: str, bens: Desk) -> None:
    given = dict(EXAMPLES)[name] or {"platelets": 40}
    form = CalculatorForm(CALCULATORS[name], inputs=given)
    assert number in text_of(bens.post(f"/calculators/{name}/", sent_back(form)))


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(bens: Desk) -> None:
    response = bens.post("/calculators/crs/", {"temperature_c": "386", "oxygen.flow_l_min": "4"})
    page = text_of(response)
    assert response.status_code == 422
    assert "Give a number from 25 to 45 °C." in page
    assert 'value="386"' in page
    assert 'value="4"' in page
    assert "something needs to be put right first" in page


def test_what_the_rule_refuses_comes_back_to_its_field(bens: Desk) -> None:
    response = bens.post("/calculators/crs/", {"oxygen.device": "none", "oxygen.flow_l_min": "4"})
    page = text_of(response)
    assert response.status_code == 422
    assert 'id="id_oxygen.flow_l_min_error"' in page
    assert "there is no flow without a device" in page


def test_a_day_table_names_the_line_that_cannot_be_read(bens: Desk) -> None:
    typed = {"anc": "0 1200\n\n1\t800\n2 none", "last_follow_up_day": "30"}
    page = text_of(bens.post("/calculators/icaht/", typed))
    assert "Line 4: write the day, a space and the count" in page
    page = text_of(bens.post("/calculators/icaht/", {"anc": "0 1.200"}))
    assert "Line 1: 1.200 can be read in two ways" in page
    page = text_of(bens.post("/calculators/icaht/", {"anc": "0 450\n\n99999 300"}))
    assert "Line 3: must be at most 36500" in page


def test_rows_are_added_without_a_script_and_what_was_typed_stays(bens: Desk) -> None:
    typed = {"weight_kg": "24", "previous_doses.0": "2026-03-02T03:00", "previous_doses.rows": "2"}
    response = bens.post("/calculators/tocilizumab_dose/", {**typed, "more": "previous_doses"})
    page = text_of(response)
    assert response.status_code == 200
    assert 'name="previous_doses.4"' in page
    assert 'name="previous_doses.5"' not in page
    assert 'value="2026-03-02T03:00"' in page
    assert 'value="24"' in page
    assert "result-why" not in page


def test_the_center_s_clock_counts_for_typed_times(bens: Desk) -> None:
    typed = {
        "weight_kg": "24",
        "at": "2026-03-29T08:00",
        "previous_doses.0": "2026-03-29T00:30",
        "previous_doses.rows": "2",
    }
    # The clocks went forward in the night: six and a half hours, not seven and a half.
    page = text_of(bens.post("/calculators/tocilizumab_dose/", typed))
    assert "Less than 8 hours since the last dose." in page


def test_none_and_unknown_are_two_answers(bens: Desk) -> None:
    none = text_of(
        bens.post("/calculators/tocilizumab_dose/", {"weight_kg": "24", "previous_doses.none": "on"})
    )
    unknown = text_of(bens.post("/calculators/tocilizumab_dose/", {"weight_kg": "24"}))
    assert "not judged" not in none
    assert "Unknown, and therefore not judged: Doses already given" in unknown


def test_a_contradiction_of_none_and_rows_is_refused(bens: Desk) -> None:
    typed = {"rule_set": "b_all", "exposures.none": "on", "exposures.0.class": "hsct", "exposures.rows": "2"}
    response = bens.post("/calculators/washout/", typed)
    assert response.status_code == 422
    assert "This contradicts what is listed." in text_of(response)
    response = bens.post("/calculators/washout/", {"rule_set": "b_all", "exposures.rows": "2"})
    assert "List them, or say that there are none." in text_of(response)


def test_half_a_scale_is_refused_at_the_first_gap(bens: Desk) -> None:
    response = bens.post("/calculators/icans/", {"age_years": "4", "capd_answers.0": "always"})
    assert response.status_code == 422
    assert 'id="id_capd_answers.1_error"' in text_of(response)


@pytest.mark.parametrize(
    "typed",
    [
        {"exposures.rows": "999999999999999999999"},
        {"exposures.rows": "-3"},
        {"exposures.rows": "٣"},
        {"more": "exposures"},
        {"more": "nothing"},
        {"exposures.0.class": "\0", "rule_set": "no"},
        {"exposures.0.last_dose.time": "25:99"},
    ],
    ids=range(7),
)
def test_a_form_made_by_hand_is_answered_too(typed: dict[str, str], bens: Desk) -> None:
    assert bens.post("/calculators/washout/", typed).status_code in (200, 422)


def test_nothing_is_kept_and_nothing_stands_in_an_address(bens: Desk) -> None:
    response = bens.post("/calculators/crs/", {"temperature_c": "39.5"})
    assert response.status_code == 200
    assert "Location" not in response
    assert not Event.objects.exists()
    assert "39.5" not in bens.get("/calculators/crs/").content.decode()


def test_there_is_no_page_for_a_name_that_is_none(bens: Desk) -> None:
    assert bens.get("/calculators/crs_2/").status_code == 404


def test_a_page_costs_no_more_queries_than_its_frame(bens: Desk) -> None:
    bens.get("/")  # what is read once per process
    assert bens.queries("/calculators/crs/") == bens.queries("/calculators/")


@pytest.mark.parametrize("name", NAMES)
def test_every_page_speaks_italian_without_failing(name: str, bens: Desk) -> None:
    with timezone.override(ROME):
        typed = sent_back(CalculatorForm(CALCULATORS[name], inputs=dict(EXAMPLES)[name]))
    response = bens.post(f"/calculators/{name}/", typed, **{"accept-language": "it"})
    assert response.status_code == 200


def test_a_day_without_a_time_is_a_day_of_the_center(bens: Desk) -> None:
    typed = {
        "rule_set": "b_all",
        "exposures.rows": "1",
        "exposures.0.class": "corticosteroid",
        "exposures.0.last_dose": "2026-03-02",
    }
    # 72 hours from the end of the day in Rome.
    assert "06-Mar-2026 00:00" in text_of(bens.post("/calculators/washout/", typed))


def stored_crs(story: Story) -> RuleResult:
    """The grade of a feverish child, kept with what it was computed from."""
    story.infused()
    oxygen = Oxygen(device=OxygenDevice.FACE_MASK, flow_l_min=7.5)
    story.assessed(
        crs=CrsInput(temperature_c=39.4, hypotension=False, vasopressors=("dopamine", "VK5"), oxygen=oxygen)
    )
    return RuleResult.objects.get(rule="crs")


def test_the_input_of_a_stored_result_can_be_looked_at_again(bens: Desk, story: Story) -> None:
    stored = stored_crs(story)
    path = f"/calculators/crs/?from={stored.pk}"
    page = bens.get(path).content.decode()
    sent = Browser(page.partition("<main")[2]).sent
    assert sent["temperature_c"] == ["39.4"]
    assert sent["hypotension"] == ["no"]
    assert sent["vasopressors"] == ["dopamine", "VK5"]
    assert sent["oxygen.device"] == ["face_mask"]
    assert "What you change here changes nothing there." in page
    again = text_of(bens.post(path, {**sent, "temperature_c": ["39"]}))
    assert "39.0 °C is fever" in again
    assert f"grade-{stored.final}" in again
    assert RuleResult.objects.filter(rule="crs").count() == 1


def test_an_outsider_finds_no_stored_result(
    desk: NewDesk, story: Story, ben: User, cleo: User, omar: User
) -> None:
    path = f"/calculators/crs/?from={stored_crs(story).pk}"
    assert desk(ben).get(path).status_code == 200
    for stranger in (cleo, omar):
        assert desk(stranger).get(path).status_code == 404
        assert desk(stranger).post(path, {"temperature_c": "39"}).status_code == 404
        assert desk(stranger).get("/calculators/crs/").status_code == 200


def test_a_stored_result_belongs_to_its_own_calculator(bens: Desk, story: Story) -> None:
    key = stored_crs(story).pk
    assert bens.get(f"/calculators/icans/?from={key}").status_code == 404
    assert bens.get("/calculators/crs/?from=nonsense").status_code == 404


def test_where_a_value_is_used_its_calculator_is_one_step_away(bens: Desk, story: Story) -> None:
    story.infused()
    pages = {
        f"/journeys/{story.journey_id}/": ("crs", "icans"),
        f"/journeys/{story.journey_id}/toxicity/new/": ("crs", "hypotension_limit"),
        "/protocols/": ("",),
    }
    for path, names in pages.items():
        page = bens.get(path).content.decode()
        for name in names:
            assert f'href="/calculators/{name}{"/" if name else ""}"' in page, path
