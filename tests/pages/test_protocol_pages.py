"""Protocols to be read: the list, the document, two versions side by side, who is pinned, all rules."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.calculators.registry import CALCULATORS
from cartpath.protocols import catalog, registry
from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.editions import (
    edition_add,
    edition_approve,
    edition_publish,
)
from tests.factories import Story
from tests.pages.conftest import text_of
from tests.pages.editions import (
    DRAFT,
    EU,
    LIST,
    OWN,
    RULES,
    US,
    Sit,
    begun,
    url,
    with_shorter_cd19,
)

# --- The list ----------------------------------------------------------------------------------------------


def test_the_list_names_every_protocol_with_its_versions_drafts_and_journeys(
    desk: Sit, story: Story, ben: User
) -> None:
    story.accepted()
    with_shorter_cd19(story, ben)
    story.accepted()
    story.accepted()
    page = text_of(desk(ben).get(LIST))
    for protocol in registry.all_protocols():
        assert reverse("web:protocol", args=[protocol.id, protocol.version]) in page
    assert f'{url("protocol_journeys")}?version=1">1</a>' in page
    assert f'{url("protocol_journeys")}?version={OWN}">2</a>' in page
    assert "Agreed in the team" in page
    rows = re.findall(r"<tr>.*?</tr>", page)
    (own,) = [row for row in rows if f">{OWN}</a>" in row]
    assert "current" in own
    shipped = next(row for row in rows if url("protocol", "1") in row)
    assert "current</span>" not in shipped


def test_the_list_counts_the_drafts_that_wait(desk: Sit, story: Story, ben: User) -> None:
    waiting = sum(row.status == "draft" for row in rows_by_id(EU).values())
    page = text_of(desk(ben).get(LIST))
    card = page.partition(f'href="{url("protocol", "1")}"')[2]
    assert f'data-label="Rules waiting for approval">{waiting}<' in card


def test_a_list_with_many_editions_and_journeys_costs_no_more_queries(
    desk: Sit, story: Story, ben: User
) -> None:
    before = desk(ben).queries(LIST)
    for _again in range(3):
        story.accepted()
    with_shorter_cd19(story, ben)
    edition = begun(story, ben)
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="R", by=ben.actor, at=story.at)
    edition_publish(edition_id=edition.pk, reason="R", by=ben.actor, at=story.at)
    begun(story, ben)
    assert desk(ben).queries(LIST) == before


def test_a_newer_shipped_version_is_pointed_out_and_changes_nothing(
    desk: Sit, story: Story, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_shorter_cd19(story, ben)
    assert "A newer version was shipped" not in text_of(desk(ben).get(LIST))
    shipped = registry.load()
    more = replace(shipped, protocols=(*shipped.protocols, replace(EU, version="2")))
    monkeypatch.setattr(registry, "load", lambda: more)
    for path in (LIST, url("protocol", OWN)):
        page = text_of(desk(ben).get(path))
        assert "A newer version was shipped" in page
        assert f"?left={OWN}&amp;right=2" in page
    assert catalog.for_center(story.center, "tisagenlecleucel").version == OWN


def test_an_administrator_reads_protocols_but_no_count_of_patients(
    desk: Sit, story: Story, omar: User
) -> None:
    story.accepted()
    page = text_of(desk(omar).get(LIST))
    assert "not for this role" in page
    assert desk(omar).get(url("protocol_journeys")).status_code == 403


def test_a_protocol_of_another_region_is_only_read(desk: Sit, story: Story, ben: User) -> None:
    path = reverse("web:edition", args=[US.id])
    page = text_of(desk(ben).get(path))
    assert "This protocol is for US, the center is in EU." in page
    assert "Begin a working copy" not in page
    assert (
        desk(ben).post(reverse("web:edition_start", args=[US.id]), {"base_version": "1"}).status_code == 422
    )


# --- The document ------------------------------------------------------------------------------------------


def test_every_row_of_every_protocol_stands_in_its_document(desk: Sit, story: Story, ben: User) -> None:
    for protocol in registry.all_protocols():
        page = text_of(
            desk(ben).get(reverse("web:protocol", args=[protocol.id, protocol.version]) + "?all=1")
        )
        missing = [row_id for row_id in rows_by_id(protocol) if f'id="rule-{row_id}"' not in page]
        assert missing == [], protocol.id
        assert "Further rules" not in page


def test_the_document_shows_the_rules_of_the_chosen_day(desk: Sit, story: Story, ben: User) -> None:
    path = reverse("web:protocol", args=[US.id, US.version])
    before, after = (text_of(desk(ben).get(f"{path}?on={day}")) for day in ("2025-06-25", "2025-06-26"))
    assert 'id="rule-check_tocilizumab"' in before
    assert 'id="rule-check_tocilizumab_available"' not in before
    assert 'id="rule-check_tocilizumab"' not in after
    assert 'id="rule-check_tocilizumab_available"' in after
    whole = text_of(desk(ben).get(f"{path}?on=2025-06-26&all=1"))
    assert 'id="rule-check_tocilizumab"' in whole
    assert "No longer in force" in whole


def test_without_a_day_or_with_nonsense_the_document_is_that_of_today(
    desk: Sit, story: Story, ben: User
) -> None:
    path = reverse("web:protocol", args=[US.id, US.version])
    for asked in ("", "?on=", "?on=yesterday", "?on=2026-13-40"):
        response = desk(ben).get(path + asked)
        assert response.context["on"] == date(2026, 3, 2)


def test_a_draft_is_told_to_do_nothing_and_a_center_row_who_answers_for_it(
    desk: Sit, story: Story, ben: User, ada: User
) -> None:
    assert "Draft: does nothing" in text_of(desk(ada).get(url("protocol", "1")))
    with_shorter_cd19(story, ben)
    page = text_of(desk(ada).get(url("protocol", OWN)))
    row = page.partition('id="rule-E4"')[2].partition("</li>")[0]
    assert "Altered: Ben, 02-Mar-2026. Our laboratory" in row
    assert "holds 60 days" in row
    assert "Published by Ben on 02-Mar-2026" in page


def test_a_past_version_says_which_one_is_current(desk: Sit, story: Story, ben: User) -> None:
    with_shorter_cd19(story, ben)
    assert "Not the version that new acceptances use" in text_of(desk(ben).get(url("protocol", "1")))
    assert "Not the version that new acceptances use" not in text_of(desk(ben).get(url("protocol", OWN)))


def test_another_centers_edition_does_not_exist_for_an_outsider(
    desk: Sit, story: Story, ben: User, cleo: User
) -> None:
    with_shorter_cd19(story, ben)
    assert desk(ben).get(url("protocol", OWN)).status_code == 200
    assert desk(cleo).get(url("protocol", OWN)).status_code == 404
    assert desk(cleo).get(f"{url('protocol_compare')}?left=1&right={OWN}").status_code == 404
    assert OWN not in text_of(desk(cleo).get(LIST))
    assert "Our laboratory" not in text_of(desk(cleo).get(RULES))


def test_a_document_costs_the_same_queries_with_and_without_an_edition(
    desk: Sit, story: Story, ben: User
) -> None:
    shipped = desk(ben).queries(url("protocol", "1"))
    with_shorter_cd19(story, ben)
    assert desk(ben).queries(url("protocol", "1")) == shipped
    assert desk(ben).queries(url("protocol", OWN)) <= shipped + 2


# --- The comparison ----------------------------------------------------------------------------------------


def test_a_comparison_shows_what_differs_and_all_only_when_asked(desk: Sit, story: Story, ben: User) -> None:
    with_shorter_cd19(story, ben)
    path = f"{url('protocol_compare')}?left=1&right={OWN}"
    page = text_of(desk(ben).get(path))
    assert "90 days" in page
    assert "60 days" in page
    assert "Performance status" not in page
    assert "Performance status" in text_of(desk(ben).get(f"{path}&all=1"))


def test_the_plan_is_compared_for_a_day_0_of_today(desk: Sit, story: Story, ben: User) -> None:
    with_shorter_cd19(story, ben)
    plan = text_of(desk(ben).get(f"{url('protocol_compare')}?left=1&right={OWN}")).partition("In the plan")[2]
    assert "30-Mar-2026 (27-Mar to 06-Apr)" in plan
    assert "30-Mar-2026 (27-Mar to 09-Apr)" in plan
    assert "Month 1 visit" not in plan


def test_without_a_choice_the_current_version_stands_beside_the_one_before(
    desk: Sit, story: Story, ben: User
) -> None:
    with_shorter_cd19(story, ben)
    context = desk(ben).get(url("protocol_compare")).context
    assert (context["left"], context["right"]) == ("1", OWN)


def test_a_version_beside_itself_asks_for_a_choice(desk: Sit, story: Story, ben: User) -> None:
    assert "Choose two versions" in text_of(desk(ben).get(f"{url('protocol_compare')}?left=1&right=1"))


@pytest.mark.parametrize("asked", ["left=9&right=1", "left=1&right=1-a-9", "left=1&right=%00"])
def test_a_version_that_does_not_exist_is_not_found(desk: Sit, story: Story, ben: User, asked: str) -> None:
    assert desk(ben).get(f"{url('protocol_compare')}?{asked}").status_code == 404


# --- Journeys ----------------------------------------------------------------------------------------------


def test_the_journeys_of_a_version_are_those_pinned_to_it_in_the_persons_centers(
    desk: Sit, story: Story, ben: User, cleo: User
) -> None:
    first = story.accepted()
    with_shorter_cd19(story, ben)
    second = story.accepted()
    page = text_of(desk(ben).get(url("protocol_journeys")))
    assert str(first.pk) in page
    assert str(second.pk) in page
    page = text_of(desk(ben).get(f"{url('protocol_journeys')}?version={OWN}"))
    assert str(first.pk) not in page
    assert str(second.pk) in page
    assert "No journey is pinned here" in text_of(desk(cleo).get(url("protocol_journeys")))


def test_a_long_list_of_journeys_costs_no_more_queries(desk: Sit, story: Story, ben: User) -> None:
    story.accepted()
    one = desk(ben).queries(url("protocol_journeys"))
    for _again in range(4):
        story.accepted()
    assert desk(ben).queries(url("protocol_journeys")) == one


# --- All rules ---------------------------------------------------------------------------------------------


def test_every_rule_of_every_protocol_and_every_calculator_stands_on_one_page(
    desk: Sit, story: Story, ben: User
) -> None:
    page = text_of(desk(ben).get(RULES))
    rows = {row_id for protocol in registry.all_protocols() for row_id in rows_by_id(protocol)}
    missing = [row_id for row_id in rows if f">{row_id}</span>" not in page]
    assert missing == []
    assert [name for name in CALCULATORS if f">{name}</span>" not in page] == []


def test_a_rule_of_a_shared_part_stands_once_with_every_protocol_that_uses_it(
    desk: Sit, story: Story, ben: User
) -> None:
    page = text_of(desk(ben).get(RULES))
    assert page.count(">expect_referral_decision</span>") == 1
    row = page.partition(">expect_referral_decision</span>")[2].partition("</details>")[0]
    assert f"{EU.id} 1" in row
    assert f"{US.id} 1" in row


def test_the_rules_are_narrowed_by_status_and_place_and_the_counts_add_up(
    desk: Sit, story: Story, ben: User
) -> None:
    found = desk(ben).get(RULES).context["list"]
    assert sum(facet.count for facet in found.statuses) == found.total == found.shown
    assert sum(facet.count for facet in found.places) == found.total
    drafts = desk(ben).get(f"{RULES}?status=draft").context["list"]
    assert {rule.status for room in drafts.rooms for rule in room.rules} == {"draft"}
    assert drafts.shown == next(facet.count for facet in found.statuses if facet.key == "draft")
    both = desk(ben).get(f"{RULES}?status=draft&room=leukapheresis").context["list"]
    assert [room.key for room in both.rooms] == ["leukapheresis"]
    assert 0 < both.shown < drafts.shown
    nonsense = desk(ben).get(f"{RULES}?status=x&room=y").context["list"]
    assert nonsense.shown == found.total


def test_the_centers_own_rules_stand_among_all_rules(desk: Sit, story: Story, ben: User) -> None:
    before = desk(ben).get(RULES).context["list"].total
    edition = begun(story, ben)
    act = {"edition_id": edition.pk, "by": ben.actor, "at": story.at}
    edition_add(
        section="monitoring.observations",
        values={"id": "center_hand", "label": "Handwriting", "schedule": "Daily"},
        reason="Ours",
        **act,
    )
    assert desk(ben).get(RULES).context["list"].total == before
    edition_publish(reason="R", **act)
    assert desk(ben).get(RULES).context["list"].total == before + 1
    assert "Handwriting" in text_of(desk(ben).get(RULES))
