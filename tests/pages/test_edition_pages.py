"""A working copy under several hands: begun, decided rule by rule, published, and refused when stale."""

from dataclasses import replace

import pytest

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.protocols import catalog, registry
from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.editions import (
    edition_alter,
    edition_approve,
    edition_discard,
)
from cartpath.protocols.models import ProtocolEdition
from cartpath.web.protocol_forms import RowForm
from tests.factories import Story
from tests.pages.conftest import text_of
from tests.pages.editions import (
    DESK,
    DRAFT,
    DRAFTS,
    EU,
    OWN,
    Sit,
    begun,
    decided,
    seen,
    send,
    typed_of,
    url,
    with_shorter_cd19,
)


def test_a_clinician_begins_a_working_copy_which_changes_nothing_yet(
    desk: Sit, story: Story, ben: User
) -> None:
    assert desk(ben).post(url("edition_start"), {"base_version": "1"}).status_code == 302
    page = text_of(desk(ben).get(DESK))
    assert "A working copy does nothing" in page
    assert "begun by Ben on 02-Mar-2026" in page
    assert catalog.for_center(story.center, "tisagenlecleucel") == EU


def test_a_second_working_copy_is_refused(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    response = desk(ben).post(url("edition_start"), {"base_version": "1"})
    assert response.status_code == 422
    assert "already works on an edition" in text_of(response)


def test_several_drafts_are_approved_at_once_for_one_reason(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    assert send(desk(ben), url("edition_approve"), rows=DRAFTS, reason="We do all of this").status_code == 302
    assert {row_id: change["reason"] for row_id, change in decided(story).items()} == dict.fromkeys(
        DRAFTS, "We do all of this"
    )
    page = text_of(desk(ben).get(DESK))
    assert "Ben, 02-Mar-2026. We do all of this" in page


def test_an_approval_without_a_rule_or_a_reason_keeps_what_was_typed(
    desk: Sit, story: Story, ben: User
) -> None:
    begun(story, ben)
    response = send(desk(ben), url("edition_approve"), rows=[DRAFT], reason="")
    assert response.status_code == 422
    assert f'value="{DRAFT}" checked' in text_of(response)
    response = send(desk(ben), url("edition_approve"), reason="Because")
    assert response.status_code == 422
    assert "Choose at least one rule." in text_of(response)
    assert "Because</textarea>" in text_of(response)
    assert decided(story) == {}


def test_a_rule_that_is_no_draft_is_not_approved(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    assert send(desk(ben), url("edition_approve"), rows=["E4"], reason="R").status_code == 422


def test_the_form_of_a_rule_is_made_of_its_own_fields(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    form = desk(ben).get(url("edition_row", "E4")).context["form"]
    assert {"label", "rule", "severity", "valid_days", "valid_from", "valid_to", "reason"} == set(form.fields)
    assert form["valid_days"].value() == 90
    plan = desk(ben).get(url("edition_row", "plan_day_28")).context["form"]
    assert [name for name in plan.fields if name != "reason"] == [
        *("at.days", "window.before_days", "window.after_days", "role", "priority", "valid_from", "valid_to")
    ]
    hours = desk(ben).get(url("edition_row", "expect_toxicity_assessment")).context["form"]
    assert {"at.hours", "window.before_hours", "recurrence.every_hours", "recurrence.for_days"} <= set(
        hours.fields
    )
    dose = desk(ben).get(url("edition_row", "dose_up_to_50_kg")).context["form"]
    assert dose["min_cells"].value() == f"{EU.product.dose[0].min_cells / 1e6:g}"
    regimen = desk(ben).get(url("edition_row", EU.lymphodepletion.regimens[0].id)).context["form"]
    assert "drugs.0.mg_per_m2" in regimen.fields


def test_every_rule_of_every_protocol_has_a_form_that_says_nothing_is_altered_when_sent_back(
    desk: Sit, story: Story, ben: User
) -> None:
    for protocol in registry.all_protocols():
        for row in rows_by_id(protocol).values():
            empty = RowForm(row=row)
            typed = {name: empty[name].value() for name in empty.fields}
            form = RowForm(
                {name: value for name, value in typed.items() if value is not None and value is not False}
                | {"reason": "R"},
                row=row,
            )
            assert not form.is_valid(), row.id
            assert set(form.errors) == {"__all__"}, (protocol.id, row.id, form.errors)


def test_an_altered_figure_is_kept_with_its_unit_reason_and_person(
    desk: Sit, story: Story, ben: User
) -> None:
    begun(story, ben)
    sitting = desk(ben)
    typed = typed_of(sitting, "E4", valid_days="60", reason="Our laboratory")
    assert send(sitting, url("edition_row", "E4"), **typed).status_code == 302
    change = decided(story)["E4"]
    assert (change["kind"], change["values"], change["by"]) == ("alter", {"valid_days": 60}, "Ben")
    assert "60 days" in text_of(sitting.get(DESK))


def test_a_dose_is_typed_in_millions_of_cells(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    sitting = desk(ben)
    typed = typed_of(sitting, "dose_up_to_50_kg", min_cells="0.3", reason="R")
    assert send(sitting, url("edition_row", "dose_up_to_50_kg"), **typed).status_code == 302
    assert decided(story)["dose_up_to_50_kg"]["values"] == {"min_cells": 300_000.0}


def test_a_drug_of_a_regimen_and_the_offsets_of_a_plan_row_are_altered_in_place(
    desk: Sit, story: Story, ben: User
) -> None:
    begun(story, ben)
    sitting = desk(ben)
    regimen = EU.lymphodepletion.regimens[0]
    typed = typed_of(sitting, regimen.id, drugs__0__days="3", reason="R")
    assert send(sitting, url("edition_row", regimen.id), **typed).status_code == 302
    drugs = decided(story)[regimen.id]["values"]["drugs"]
    assert [drug["days"] for drug in drugs] == [3, *(drug.days for drug in regimen.drugs[1:])]
    typed = typed_of(sitting, "plan_months_1_6", at__months="1, 3, 6", reason="R")
    assert send(sitting, url("edition_row", "plan_months_1_6"), **typed).status_code == 302
    assert decided(story)["plan_months_1_6"]["values"]["at"]["months"] == [1, 3, 6]


def test_what_does_not_fit_is_refused_beside_its_field_and_stays_typed(
    desk: Sit, story: Story, ben: User
) -> None:
    begun(story, ben)
    sitting = desk(ben)
    path = url("edition_row", "E4")
    response = send(sitting, path, **typed_of(sitting, "E4", valid_days="-5", reason="R"))
    assert response.status_code == 422
    assert 'value="-5"' in text_of(response)
    typed = typed_of(sitting, "E4", valid_from="2026-05-01", valid_to="2026-04-01", reason="R")
    response = send(sitting, path, **typed)
    assert response.status_code == 422
    assert response.context["form"].errors.get("valid_to")
    response = send(sitting, path, **typed_of(sitting, "E4", reason="R"))
    assert "Nothing is altered." in text_of(response)
    response = send(
        sitting, url("edition_row", "plan_day_28"), **typed_of(sitting, "plan_day_28", at__days="soon")
    )
    assert "Give whole numbers with commas between them" in text_of(response)
    assert decided(story) == {}


def test_a_rule_is_retired_with_a_reason_and_a_decision_taken_back(
    desk: Sit, story: Story, ben: User
) -> None:
    begun(story, ben)
    sitting = desk(ben)
    path = url("edition_retire", "E4")
    assert send(sitting, path, **{"retire-reason": ""}).status_code == 422
    assert send(sitting, path, **{"retire-reason": "Not asked here"}).status_code == 302
    assert decided(story)["E4"]["kind"] == "retire"
    assert "Retired: does nothing" in text_of(sitting.get(url("edition_row", "E4")))
    assert send(sitting, url("edition_forget", "E4")).status_code == 302
    assert decided(story) == {}


@pytest.mark.parametrize(
    ("kind", "section", "typed"),
    [
        ("criterion", "eligibility", {"label": "Home within 2 h", "rule": "By car.", "severity": "warn"}),
        ("washout", "washouts.rules", {"class": "tki", "label": "TKI", "hours": "72"}),
        (
            "target",
            "collection.targets",
            {
                "quantity": "mnc",
                "label": "MNC",
                "op": ">=",
                "value": "1000",
                "unit": "cells",
                "severity": "warn",
            },
        ),
        (
            "checklist",
            "infusion.checklist",
            {"label": "Seizure drug at hand", "phase": "before_infusion", "severity": "warn"},
        ),
        ("observation", "monitoring.observations", {"label": "Handwriting", "schedule": "Once a day"}),
        ("restriction", "monitoring.restrictions", {"label": "No pool", "kind": "proximity", "days": "90"}),
    ],
)
def test_a_row_of_the_centers_own_is_added(
    desk: Sit, story: Story, ben: User, kind: str, section: str, typed: dict[str, str]
) -> None:
    begun(story, ben)
    sitting = desk(ben)
    path = url("edition_add", kind)
    assert send(sitting, path, reason="R").status_code == 422
    response = send(sitting, path, **typed, reason="Ours")
    assert response.status_code == 302, response.context["form"].errors
    ((row_id, change),) = decided(story).items()
    assert (change["kind"], change["section"]) == ("add", section)
    assert row_id.startswith("center_")
    assert typed["label"] in text_of(sitting.get(DESK))
    assert send(sitting, path, **typed, reason="Twice").status_code in {302, 422}


def test_two_rows_of_the_same_words_get_two_names(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    typed = {"label": "Handwriting", "schedule": "Once a day", "reason": "R"}
    for _twice in range(2):
        assert send(desk(ben), url("edition_add", "observation"), **typed).status_code == 302
    assert set(decided(story)) == {"center_handwriting", "center_handwriting_2"}


def test_publishing_says_what_happens_and_leaves_pinned_journeys_alone(
    desk: Sit, story: Story, ben: User
) -> None:
    pinned = story.accepted()
    begun(story, ben)
    send(desk(ben), url("edition_approve"), rows=[DRAFT], reason="R")
    page = text_of(desk(ben).get(DESK))
    assert "new acceptances of this center are pinned to it" in page
    assert send(desk(ben), url("edition_publish"), **{"publish-reason": ""}).status_code == 422
    response = send(desk(ben), url("edition_publish"), **{"publish-reason": "Read by all"})
    assert response.status_code == 302
    assert response["Location"] == url("protocol", OWN)
    pinned.refresh_from_db()
    assert pinned.protocol_version == "1"
    assert story.accepted().protocol_version == OWN


def test_an_edition_that_changes_nothing_is_not_published(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    response = send(desk(ben), url("edition_publish"), **{"publish-reason": "R"})
    assert response.status_code == 422
    assert "nothing to publish" in text_of(response)


def test_a_working_copy_that_does_not_hold_together_says_why(desk: Sit, story: Story, ben: User) -> None:
    edition = begun(story, ben)
    edition_alter(
        edition_id=edition.pk,
        row_id="dose_up_to_50_kg",
        values={"up_to_kg": 40},
        reason="R",
        by=ben.actor,
        at=story.at,
    )
    assert "It does not hold together yet" in text_of(desk(ben).get(DESK))
    assert send(desk(ben), url("edition_publish"), **{"publish-reason": "R"}).status_code == 422


def test_a_working_copy_is_discarded(desk: Sit, story: Story, ben: User) -> None:
    begun(story, ben)
    assert send(desk(ben), url("edition_discard")).status_code == 302
    assert not ProtocolEdition.objects.exists()
    assert "Begin a working copy" in text_of(desk(ben).get(DESK))


def test_of_two_windows_the_stale_one_is_refused_and_told_what_changed(
    desk: Sit, story: Story, ben: User, cara: User
) -> None:
    edition = begun(story, ben)
    sitting, mark = desk(ben), seen(desk(ben))
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="R", by=cara.actor, at=story.at)
    typed = typed_of(sitting, "E4", valid_days="60", reason="Mine")
    response = send(sitting, url("edition_row", "E4"), mark, **typed)
    assert response.status_code == 422
    page = text_of(response)
    assert "nothing was saved" in page
    assert "Approved by Cara" in page
    assert 'value="60"' in page
    assert set(decided(story)) == {DRAFT}
    for path, sent in (
        (url("edition_publish"), {"publish-reason": "R"}),
        (url("edition_discard"), {}),
        (url("edition_forget", DRAFT), {}),
        (url("edition_approve"), {"rows": [DRAFT], "reason": "R"}),
        (url("edition_retire", "E4"), {"retire-reason": "R"}),
    ):
        response = send(sitting, path, mark, **sent)
        assert response.status_code == 422, path
        assert "nothing was saved" in text_of(response), path
    assert set(decided(story)) == {DRAFT}
    assert send(sitting, url("edition_row", "E4"), **typed).status_code == 302


def test_a_decision_that_was_taken_back_meanwhile_is_told_too(
    desk: Sit, story: Story, ben: User, cara: User
) -> None:
    edition = begun(story, ben)
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="R", by=ben.actor, at=story.at)
    mark = seen(desk(ben))
    assert send(desk(cara), url("edition_forget", DRAFT)).status_code == 302
    response = send(desk(ben), url("edition_publish"), mark, **{"publish-reason": "R"})
    assert "the decision was taken back" in text_of(response)


def test_a_working_copy_that_is_gone_is_not_mistaken_for_a_new_one(
    desk: Sit, story: Story, ben: User, cara: User
) -> None:
    edition = begun(story, ben)
    mark = seen(desk(ben))
    edition_discard(edition_id=edition.pk, by=cara.actor, at=story.at)
    assert send(desk(ben), url("edition_row", "E4"), mark, reason="R").status_code == 302
    begun(story, cara)
    response = send(desk(ben), url("edition_approve"), mark, rows=[DRAFT], reason="R")
    assert response.status_code == 422
    assert "is gone" in text_of(response)
    assert decided(story) == {}


def test_without_a_working_copy_the_pages_of_its_rows_lead_to_where_one_begins(
    desk: Sit, story: Story, ben: User
) -> None:
    for path in (url("edition_rows"), url("edition_row", "E4"), url("edition_add", "criterion")):
        response = desk(ben).get(path)
        assert (response.status_code, response["Location"]) == (302, DESK)


@pytest.mark.parametrize("who", ["ada", "nina", "luca", "dana", "omar"])
def test_who_may_not_approve_reads_the_working_copy_and_changes_nothing(
    desk: Sit, story: Story, ben: User, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    edition = begun(story, ben)
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="Read it", by=ben.actor, at=story.at)
    page = text_of(desk(person).get(DESK))
    assert "Read it" in page
    assert "<form" not in page.partition('id="content"')[2]
    for name, args in (
        *(("edition_start", ()), ("edition_approve", ()), ("edition_publish", ()), ("edition_discard", ())),
        *(("edition_row", ("E4",)), ("edition_retire", ("E4",)), ("edition_forget", (DRAFT,))),
        ("edition_add", ("criterion",)),
    ):
        assert desk(person).post(url(name, *args), {"reason": "R"}).status_code == 403, name
    assert set(decided(story)) == {DRAFT}


def test_a_clinician_elsewhere_does_not_change_the_rules_of_the_center_they_visit(
    desk: Sit, story: Story, ada: User, other_center: Center, ben: User
) -> None:
    Membership.objects.create(user=ada, center=other_center, role=Role.CLINICIAN)
    begun(story, ben)
    assert desk(ada).post(url("edition_approve"), {"rows": [DRAFT], "reason": "R"}).status_code == 403


def test_the_working_copy_of_one_center_is_not_that_of_another(
    desk: Sit, story: Story, ben: User, cleo: User
) -> None:
    begun(story, ben)
    assert "Begin a working copy" in text_of(desk(cleo).get(DESK))


def test_what_was_not_taken_over_from_the_edition_before_is_listed_with_the_reason(
    desk: Sit, story: Story, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_shorter_cd19(story, ben)
    shipped = registry.load()
    newer = replace(
        EU,
        version="2",
        eligibility=tuple(replace(row, valid_days=30) if row.id == "E4" else row for row in EU.eligibility),
    )
    more = replace(shipped, protocols=(*shipped.protocols, newer))
    monkeypatch.setattr(registry, "load", lambda: more)
    begun(story, ben)
    page = text_of(desk(ben).get(DESK))
    left = page.partition('id="left-out"')[2].partition("</section>")[0]
    assert "CD19 expression" in left
    assert "The chosen version itself changes this row." in left
