"""The quality page: chart, table and CSV say the same, in every choice, and to the right people."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from cartpath.accounts.models import User
from leukapheresis.models import CollectionAdverseEvent
from patients.models import Journey
from tests.collected import collected_day, collected_days, completed, months_before
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
PAGE = "/apheresis/quality/"
CSV = "/apheresis/quality/points.csv"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def journey(story: Story) -> Journey:
    """A child of center A whose days are written down."""
    return story.accepted()


def chart_of(page: str) -> ElementTree.Element:
    """The drawing of a page, as XML that can be read."""
    found = re.search(r'<svg class="qc-svg".*?</svg> <ul', page)
    assert found
    drawn = found[0].removesuffix(" <ul").replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1)
    return ElementTree.fromstring(drawn)


def points_of(page: str) -> list[ElementTree.Element]:
    return chart_of(page).findall(f"{SVG}a")


def title_of(point: ElementTree.Element) -> str:
    return (point.findtext(f"{SVG}title") or "").strip()


def test_everybody_who_may_see_patients_opens_the_page(
    story: Story, desk: Sit, ada: User, ben: User, nina: User, luca: User, dana: User, omar: User
) -> None:
    assert [desk(user).get(PAGE).status_code for user in (ada, ben, nina, luca, dana)] == [200] * 5
    assert [desk(user).get(CSV).status_code for user in (ada, ben, nina, luca, dana)] == [200] * 5
    assert desk(omar).get(PAGE).status_code == 403
    assert desk(omar).get(CSV).status_code == 403
    assert desk(ada).post(PAGE).status_code == 405


def test_an_outsider_sees_nothing_of_another_center(
    story: Story, journey: Journey, desk: Sit, cleo: User
) -> None:
    completed(collected_day(journey, story.at, device="Amicus"), accepted=True)
    for measure in ("ce2", "cd3_per_kg", "failure", "adverse"):
        page = text_of(desk(cleo).get(f"{PAGE}?measure={measure}&period=all"))
        assert "No collection yet" in page
        assert "Amicus" not in page
        assert str(journey.pk) not in page
        lines = desk(cleo).get(f"{CSV}?measure={measure}&period=all").content.decode().splitlines()
        assert len(lines) == 1


def test_the_calendar_leads_to_the_page(story: Story, desk: Sit, dana: User) -> None:
    assert f'href="{PAGE}"' in text_of(desk(dana).get("/apheresis/"))


def test_each_point_is_a_link_to_its_journey_and_says_its_value(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_days(journey, story.at, [1100, 1300] * 6 + [300])
    page = text_of(desk(dana).get(PAGE))
    points = points_of(page)
    assert len(points) == 13
    assert {point.get("href") for point in points} == {f"/journeys/{journey.pk}/#apheresis"}
    assert {point.get("tabindex") for point in points} == {None}
    assert title_of(points[0]) == "08-Dec-2025, day 1: 45.8 %"
    assert title_of(points[-1]) == "02-Mar-2026, day 1: 12.5 %, below the limit"
    assert points[-1].get("class") == "qc-point qc-beyond"
    assert "ROSSI" not in page


def test_the_drawing_has_a_title_and_a_description_and_no_style_of_its_own(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_days(journey, story.at, [1100, 1300] * 6 + [300])
    page = text_of(desk(dana).get(PAGE))
    drawn = chart_of(page)
    ids = {each.get("id"): each.text for each in drawn if each.get("id")}
    assert ids[drawn.get("aria-labelledby")] == "Collection efficiency over time"
    described = ids[drawn.get("aria-describedby")]
    assert described is not None
    assert "13 points." in described and "1 signal." in described
    assert " style=" not in page and "<style" not in page
    assert 'href="#points"' in page and 'id="points"' in page


def test_a_signal_is_told_in_words(story: Story, journey: Journey, desk: Sit, dana: User) -> None:
    collected_days(journey, story.at, [1100, 1300] * 6 + [300])
    page = text_of(desk(dana).get(PAGE))
    assert re.search(r"12\.5 %, below the lower limit of 1\d\.\d %\.", page)
    assert "13 points: the limits are provisional" in page
    collected_days(journey, story.later(days=400), [1200, 1400] * 6 + [1310] * 9)
    later = text_of(desk(dana).get(PAGE))
    assert "points in a row above the average." in later
    assert "provisional" not in later


def test_few_points_are_drawn_without_limits_and_the_page_says_so(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_days(journey, story.at, [1200, 1300, 300])
    page = text_of(desk(dana).get(PAGE))
    assert len(points_of(page)) == 3
    assert "Average and limits need 8 points; so far there are 3." in page
    assert "qc-limit" not in page and "Signals" not in page


def test_unknown_days_are_counted_and_listed_and_never_drawn(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_days(journey, story.at, [1200, None, None])
    page = text_of(desk(dana).get(PAGE))
    assert "<strong>2 unknown</strong>, not drawn" in page
    assert len(points_of(page)) == 1
    assert page.count(f'<a href="/journeys/{journey.pk}/#apheresis">') == 3
    collected = text_of(desk(dana).get(f"{PAGE}?measure=cd3_per_kg"))
    assert "<strong>2 unknown</strong>" in collected


def test_only_unknown_days_leave_nothing_to_draw(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_days(journey, story.at, [None])
    page = text_of(desk(dana).get(PAGE))
    assert "No value is known: there is nothing to draw." in page
    assert '<svg class="qc-svg"' not in page


def test_each_choice_has_an_address_that_keeps_the_others(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_day(journey, story.at, device="Spectra Optia", weight_kg=20)
    collected_day(journey, story.at - timedelta(days=3), device="Amicus & Co", weight_kg=8)
    query = "?measure=cd3_per_kg&band=below-10&device=Amicus+%26+Co&period=24"
    page = text_of(desk(dana).get(PAGE + query))
    assert len(points_of(page)) == 1
    assert "below 10 kg · Amicus &amp; Co · Last 24 months" in page
    assert query.replace("cd3_per_kg", "failure").replace("&", "&amp;") in page
    assert query.replace("below-10", "10-25").replace("&", "&amp;") not in page
    assert 'value="Amicus &amp; Co" selected' in page
    assert 'value="below-10" selected' in page and 'value="24" selected' in page
    assert f'href="{CSV}{query.replace("&", "&amp;")}"' in page


def test_a_choice_that_fits_nothing_offers_to_show_all(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_day(journey, story.at - timedelta(days=500))
    page = text_of(desk(dana).get(PAGE))
    assert "No collection fits" in page
    assert 'href="?measure=ce2&amp;period=all"' in page
    assert len(points_of(text_of(desk(dana).get(f"{PAGE}?measure=ce2&period=all")))) == 1


@pytest.mark.parametrize("query", ["measure=nonsense", "band=11", "period=0", "period=-3", "period=x"])
def test_an_address_that_means_nothing_shows_the_usual_chart(
    query: str, story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_day(journey, story.at)
    page = text_of(desk(dana).get(f"{PAGE}?{query}"))
    assert "Collection efficiency · Center A · all weights · all devices · Last 12 months" in page


def test_what_somebody_writes_into_the_address_is_shown_as_text(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    page = text_of(desk(dana).get(f"{PAGE}?device=%3Cscript%3Ealert(1)%3C/script%3E"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_months_list_their_cases_and_a_point_leads_to_its_month(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    for months in range(12):
        for number in range(2):
            day = collected_day(journey, months_before(story.at, months))
            completed(day, accepted=(months, number) != (2, 0))
    page = text_of(desk(dana).get(f"{PAGE}?measure=failure"))
    points = points_of(page)
    anchors = [str(point.get("href")) for point in points]
    assert anchors[-1] == "#month-2026-03"
    assert all(f'id="{anchor[1:]}"' in page for anchor in anchors)
    assert title_of(points[-3]) == "January 2026: 1 of 2, 50.0 %, above the limit"
    assert "With so few cases in a month a single one is enough for this." in page
    assert "failed: Below the target" in page


def test_a_month_that_nobody_can_judge_is_unknown(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    completed(collected_day(journey, story.at), accepted=None)
    completed(collected_day(journey, story.at - timedelta(days=40)), accepted=True)
    page = text_of(desk(dana).get(f"{PAGE}?measure=failure"))
    assert len(points_of(page)) == 1
    march = page[page.index('id="month-2026-03"') :].split("</tr>")[0]
    assert "1 unknown" in march and "0.0 %" not in march
    assert march.count('<span class="unknown">unknown</span>') == 3
    assert "No target, or numbers missing" in march


def test_an_adverse_event_is_named_on_the_page_and_not_in_the_csv(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    day = collected_day(journey, story.at, adverse_events="Giulia was frightened")
    CollectionAdverseEvent.objects.create(day=day, kind="hypotension", grade=2)
    query = "?measure=adverse"
    assert "Hypotension, grade 2; Giulia was frightened" in text_of(desk(dana).get(PAGE + query))
    exported = desk(dana).get(CSV + query).content.decode()
    assert "adverse,1," in exported and "Giulia" not in exported


def test_the_csv_has_the_points_of_the_page_and_the_unknown_in_words(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_day(journey, story.at, device="=Amicus")
    collected_day(journey, story.later(days=1), cd3=None, weight_kg=None, device="")
    response = desk(dana).get(f"{CSV}?measure=ce2")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="apheresis-ce2-2026-03-03.csv"' in response["Content-Disposition"]
    assert response["Cache-Control"] == "no-store"
    first, second = csv.DictReader(io.StringIO(response.content.decode()))
    assert first == {
        "date": "2026-03-02",
        "journey": str(journey.pk),
        "round": "1",
        "day": "1",
        "device": "'=Amicus",
        "weight_kg": "20",
        "weight_band": "10-25",
        "measure": "ce2",
        "value": "50",
        "unit": "%",
    }
    assert {second[name] for name in ("device", "weight_kg", "weight_band", "value")} == {"unknown"}


def test_the_csv_follows_the_choices(story: Story, journey: Journey, desk: Sit, dana: User) -> None:
    collected_day(journey, story.at, weight_kg=8)
    collected_day(journey, story.at, weight_kg=30)
    completed(collected_day(journey, story.at, weight_kg=8), accepted=False)
    lines = desk(dana).get(f"{CSV}?measure=failure&band=below-10").content.decode().splitlines()
    assert len(lines) == 2
    assert ",all," in lines[1] and ",failure,1," in lines[1]


def test_the_page_costs_the_same_for_one_day_as_for_forty(
    story: Story, journey: Journey, desk: Sit, dana: User
) -> None:
    collected_day(journey, story.at)
    for measure in ("ce2", "failure", "adverse"):
        collected_day(journey, story.at)
        path = f"{PAGE}?measure={measure}"
        for_few = desk(dana).queries(path)
        collected_days(journey, story.at, [1200] * 40)
        assert desk(dana).queries(path) == for_few
