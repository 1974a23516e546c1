"""Labels are printed once, again only for a reason, and every one is accounted for."""

from datetime import timedelta

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from manufacturing.labels.inputs import AccountDetails, LabelWanted, PrintDetails
from manufacturing.labels.rules.reconciling import account_of
from manufacturing.labels.selectors import account_by_size, center_account, labels_of, open_labels
from manufacturing.labels.services import account_strike, labels_account, labels_print
from manufacturing.models import CustodyEntry, CustodyItem, Label, Wristband
from manufacturing.scanning.rules.reading import read_code
from tests.factories import Story
from tests.labels.conftest import bags, bags_added, band_printed, printed


def accounted(story: Story, state: str, *numbers: int) -> list[Label]:
    details = AccountDetails(labels=list(numbers), state=state)  # type: ignore[arg-type]
    return labels_account(
        journey_id=story.journey_id, details=details, by=story.nurse.actor, at=story.later(minutes=5)
    )


def test_a_label_is_a_row_with_its_number_its_codes_and_a_fact_in_the_ledger(child: Story) -> None:
    first, second = printed(child, *bags(child))
    assert (first.number, second.number, first.copy, second.copy) == (1, 2, 1, 1)
    assert {read_code(code).division for code in first.codes if code.startswith("=+")} == {"A0"}
    event = Event.objects.get(pk=first.event_id)
    assert (event.kind, event.data["numbers"], event.actor_name) == ("labels_printed", [1, 2], "Luca")


def test_the_same_label_again_needs_a_reason_and_counts_as_a_copy(child: Story) -> None:
    bag = bags(child)[0]
    printed(child, bag)
    with pytest.raises(Invalid) as refusal:
        printed(child, bag)
    assert refusal.value.code == "reason_missing"
    assert Label.objects.count() == 1
    (again,) = printed(child, bag, reason="spoiled")
    assert (again.copy, again.reason) == (2, "spoiled")
    (other_size,) = printed(child, bag, size="box")
    assert (other_size.copy, other_size.reason) == (1, "")


def test_more_than_one_of_a_thing_at_once_needs_a_reason_too(child: Story) -> None:
    wanted = [LabelWanted(kind="item", size="vial", item=bags(child)[0].number, count=3)]
    details = PrintDetails(labels=wanted, paper="sheet")
    with pytest.raises(Invalid):
        labels_print(journey_id=child.journey_id, details=details, by=child.lab.actor, at=child.at)
    made = printed(child, labels=wanted, paper="sheet", reason="second_place")
    assert [(label.copy, label.reason) for label in made] == [
        (1, ""),
        (2, "second_place"),
        (3, "second_place"),
    ]


@pytest.mark.parametrize(
    ("wanted", "paper", "start", "field"),
    [
        (LabelWanted(kind="wristband", size="bag"), "roll", 1, "size"),
        (LabelWanted(kind="item", size="wristband", item=1), "roll", 1, "size"),
        (LabelWanted(kind="wristband", size="wristband"), "sheet", 1, "paper"),
        (LabelWanted(kind="item", size="bag", item=1), "sheet", 5, "start"),
        (LabelWanted(kind="item", size="bag", item=99), "roll", 1, "labels"),
        (None, "roll", 1, "labels"),
    ],
)
def test_what_does_not_go_together_is_refused_beside_its_field(
    child: Story, wanted: LabelWanted | None, paper: str, start: int, field: str
) -> None:
    details = PrintDetails(labels=[wanted] if wanted else [], paper=paper, start=start)  # type: ignore[arg-type]
    with pytest.raises((Invalid, Conflict)) as refusal:
        labels_print(journey_id=child.journey_id, details=details, by=child.lab.actor, at=child.at)
    assert field in refusal.value.fields
    assert not Label.objects.exists()


def test_printed_is_applied_and_spoiled_and_destroyed_and_open(child: Story) -> None:
    one, two = printed(child, *bags(child))
    three, four = printed(child, *bags(child), reason="unreadable")
    accounted(child, "applied", one.number)
    accounted(child, "spoiled", two.number)
    accounted(child, "destroyed", three.number)
    for account in (
        account_of(label.state for label in labels_of(child.journey)),
        center_account(child.center.pk),
    ):
        assert (account.printed, account.applied, account.spoiled, account.destroyed, account.open) == (
            4, 1, 1, 1, 1,
        )  # fmt: skip
        assert not account.is_settled
    assert [label.number for label in open_labels(child.center.pk)] == [four.number]
    accounted(child, "applied", four.number)
    assert center_account(child.center.pk).is_settled
    (line,) = account_by_size(labels_of(child.journey))
    assert (line.size, line.account.printed, line.account.open) == ("bag", 4, 0)


def test_a_label_is_accounted_for_once_and_not_before_it_was_printed(child: Story) -> None:
    (label,) = printed(child, bags(child)[0])
    early = AccountDetails(labels=[label.number], state="applied")
    with pytest.raises(Conflict) as refusal:
        labels_account(
            journey_id=child.journey_id,
            details=early,
            by=child.nurse.actor,
            at=child.at - timedelta(minutes=1),
        )
    assert refusal.value.code == "before_printing"
    accounted(child, "applied", label.number)
    with pytest.raises(Conflict) as refusal:
        accounted(child, "destroyed", label.number)
    assert refusal.value.code == "label_accounted"


def test_an_applied_label_is_a_step_of_custody_and_a_spoiled_one_is_none(child: Story) -> None:
    one, two = printed(child, *bags(child))
    accounted(child, "spoiled", two.number)
    (label,) = accounted(child, "applied", one.number)
    (entry,) = CustodyEntry.objects.filter(journey_id=child.journey_id, step="label_applied")
    assert (entry.item, entry.at, entry.recorded_by) == (bags(child)[0], label.accounted_at, "Nina")
    account_strike(label_id=one.pk, reason="Not yet.", by=child.lab.actor, at=child.at)
    assert not CustodyEntry.objects.filter(journey_id=child.journey_id, step="label_applied").exists()
    CustodyItem.objects.filter(pk=bags(child)[0].pk).update(state="destroyed")
    with pytest.raises(Conflict) as refusal:
        accounted(child, "applied", one.number)
    assert refusal.value.code == "item_destroyed"


def test_who_was_wrong_takes_it_back_and_the_labels_are_open_again(child: Story) -> None:
    one, two = printed(child, *bags(child))
    accounted(child, "spoiled", one.number, two.number)
    account_strike(label_id=one.pk, reason="It was the other sheet.", by=child.lab.actor, at=child.at)
    assert [label.state for label in labels_of(child.journey)] == ["printed", "printed"]
    with pytest.raises(Conflict):
        account_strike(label_id=one.pk, reason="Again.", by=child.lab.actor, at=child.at)
    accounted(child, "applied", one.number)


def test_a_wristband_keeps_its_code_until_it_is_lost(child: Story) -> None:
    first = band_printed(child)
    again = band_printed(child, reason="unreadable")
    assert first.codes == again.codes
    assert (first.copy, again.copy) == (1, 2)
    with pytest.raises(Invalid) as refusal:
        band_printed(child, replaces=True)
    assert refusal.value.code == "reason_missing"
    new = band_printed(child, replaces=True, reason="lost")
    assert new.codes != first.codes
    assert Wristband.objects.get(replaced_at=None).code == new.codes[0]
    patient = child.journey.patient
    assert not any(part in new.codes[0] for part in (patient.mrn, patient.family_name.upper()))


def test_an_item_without_a_number_or_with_letters_no_code_carries_is_refused(child: Story) -> None:
    (odd,) = bags_added(child, "", din="", text="Łódź-1")
    with pytest.raises(Invalid) as refusal:
        printed(child, odd)
    assert refusal.value.code == "not_printable"
    odd.text = ""
    odd.save()
    with pytest.raises(Invalid) as refusal:
        printed(child, odd)
    assert refusal.value.code == "no_number"
