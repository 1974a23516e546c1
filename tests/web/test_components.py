"""What the components say: unknown in words, signs beside colors, marks on a weight nobody may dose by."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import engines

from cartpath.core.fields import DayField, QuantityField
from cartpath.core.widgets import ButtonChoice
from cartpath.web import components
from patients.enums import AllergyState

TODAY = date(2026, 11, 22)


def rendered(source: str, **context: object) -> str:
    return " ".join(engines["django"].from_string(source).render(context).split())


@dataclass
class Weight:
    weight_kg: Decimal | None = Decimal("6.80")
    measured_at: datetime = datetime(2026, 11, 20, 8, tzinfo=UTC)


@dataclass
class Child:
    family_name: str = "Valenti"
    given_name: str = "Giulia"
    birth_date: date = date(2026, 1, 10)
    mrn: str = "OB-17"
    allergy_state: str = AllergyState.NOT_RECORDED
    allergies: str = ""
    died_on: date | None = None

    def get_sex_display(self) -> str:
        return "Female"

    def get_language_display(self) -> str:
        return "Italian"


@dataclass
class BannerOf:
    patient: Child
    weight: Weight | None = None
    weight_change_percent: float | None = None
    on: date = TODAY
    product: str | None = None
    day: int | None = None
    url: str = ""


def banner(child: Child | None = None, **facts: object) -> str:
    return rendered("{% patient_banner banner %}", banner=BannerOf(child or Child(), **facts))


@pytest.mark.parametrize(
    ("state", "allergies", "text"),
    [
        (AllergyState.KNOWN, "Penicillin", "Penicillin"),
        (AllergyState.KNOWN, "", "Known allergies"),
        (AllergyState.NONE_KNOWN, "", "No known allergies"),
        (AllergyState.NOT_RECORDED, "", "Allergies not recorded"),
        (AllergyState.UNAVAILABLE, "", "Allergies unavailable"),
    ],
)
def test_the_banner_says_one_of_four_things_about_allergies(state: str, allergies: str, text: str) -> None:
    assert text in banner(Child(allergy_state=state, allergies=allergies))


def test_a_weight_of_a_week_ago_is_still_fresh() -> None:
    weight = Weight(measured_at=datetime(2026, 11, 15, 8, tzinfo=UTC))
    assert not components.weight_marks(weight, on=TODAY, change_percent=None).old


def test_a_weight_older_than_a_week_is_marked() -> None:
    weight = Weight(measured_at=datetime(2026, 11, 14, 8, tzinfo=UTC))
    assert "8 d old" in banner(weight=weight)


@pytest.mark.parametrize(("percent", "marked"), [(10, False), (-10.1, True), (12, True), (None, False)])
def test_a_weight_that_moved_by_more_than_a_tenth_is_marked(percent: float | None, marked: bool) -> None:
    assert components.weight_marks(Weight(), on=TODAY, change_percent=percent).changed is marked


def test_a_child_without_a_weight_or_product_has_them_unknown() -> None:
    page = banner()
    assert page.count('class="unknown">unknown') == 2


def test_the_day_of_infusion_is_shown_and_not_taken_for_nothing() -> None:
    assert "D0" in banner(day=0)


def test_an_unknown_grade_is_a_word_and_never_a_zero() -> None:
    chip = rendered("{% grade_chip 'CRS' None %}")
    assert "unknown" in chip
    assert "0" not in chip


def test_a_lower_bound_says_at_least() -> None:
    assert "at least" in rendered("{% grade_chip 'CRS' 2 at_least=True %}")


def test_an_overdue_badge_says_by_how_much() -> None:
    badge = rendered("{% due_badge 'overdue' due today %}", due=date(2026, 11, 19), today=TODAY)
    assert "Overdue 3 d" in badge
    assert "19-Nov-2026" in badge


def test_something_due_is_never_said_to_be_late() -> None:
    badge = rendered("{% due_badge 'due' due today %}", due=date(2026, 11, 19), today=TODAY)
    assert "3 d" not in badge


def test_a_missing_value_is_the_word_unknown() -> None:
    assert rendered("{% value None 'kg' %}") == '<span class="unknown">unknown</span>'


def test_a_zero_is_a_value() -> None:
    assert ">0</span>" in rendered("{% value 0 'mg/L' %}")


def test_what_people_typed_is_escaped_everywhere() -> None:
    page = banner(Child(family_name="<b>x</b>", allergy_state=AllergyState.KNOWN, allergies="<i>nuts</i>"))
    assert "<b>" not in page
    assert "<i>" not in page
    assert "<b>" not in rendered(
        "{% panel title=t %}{{ t }}{% endpanel %}{% chip t %}{% person t t %}", t="<b>"
    )


class DayForm(forms.Form):
    weight = QuantityField(label="Weight", unit="kg", low=0.3, high=300, help_text="Without clothes")
    oxygen = forms.ChoiceField(choices=[("none", "None")], widget=ButtonChoice)
    on = DayField(required=False)


def test_a_quantity_shows_its_unit_and_its_range() -> None:
    field = rendered("{{ form.weight.as_field_group }}", form=DayForm())
    assert "Without clothes · 0.3 to 300 kg" in field
    assert 'aria-describedby="id_weight_helptext"' in field
    assert 'aria-hidden="true">kg<' in field


def test_an_error_stands_beside_its_field_and_says_what_would_be_right() -> None:
    form = DayForm({"weight": "640", "oxygen": "none"})
    field = rendered("{{ form.weight.as_field_group }}", form=form)
    assert "Give a number from 0.3 to 300 kg." in field
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_weight_helptext id_weight_error"' in field
    assert 'value="640"' in field


@pytest.mark.parametrize("typed", ["6,8", "6.8", " 6.8 "])
def test_a_decimal_comma_is_as_good_as_a_point(typed: str) -> None:
    form = DayForm({"weight": typed, "oxygen": "none"})
    assert form.is_valid()
    assert form.cleaned_data["weight"] == Decimal("6.8")


@pytest.mark.parametrize("typed", ["abc", "1,200.5", "NaN", "Infinity", "0.2", "300.1"])
def test_anything_else_than_a_number_in_range_is_refused(typed: str) -> None:
    assert not DayForm({"weight": typed, "oxygen": "none"}).is_valid()


def test_the_summary_links_each_error_to_its_field() -> None:
    page = rendered("{% form_errors form %}", form=DayForm({"weight": ""}))
    assert 'href="#id_weight"' in page
    assert "2 things need to be put right" in page


def test_an_optional_field_says_so() -> None:
    assert "optional" in rendered("{{ form.on.as_field_group }}", form=DayForm())
