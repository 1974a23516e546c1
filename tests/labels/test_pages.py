"""Pages of labels and of the scanner."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from cartpath.accounts.models import User
from manufacturing.models import ChainOfIdentity, Label, LabelSetting, ProductWords, ScanStop
from manufacturing.scanning.rules.reading import read_code
from tests.factories import Story
from tests.labels.conftest import bags, bags_added, band_printed, printed, scan_of
from tests.labels.reading import pages_of
from tests.labels.test_scanning import another
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]


def print_form(*numbers: int, **more: object) -> dict[str, object]:
    return {
        "labels": list(numbers),
        "size": "bag",
        "count": 1,
        "paper": "roll",
        "start": "",
        "reason": "",
    } | more


def test_labels_are_made_opened_as_pdf_and_read_back(child: Story, luca: User, desk: Sit) -> None:
    at_desk = desk(luca)
    form = text_of(at_desk.get(at_desk.path("manufacturing:print_items")))
    assert "A999917123456 A0" in form
    numbers = [bag.number for bag in bags(child)]
    answer = at_desk.post(at_desk.path("manufacturing:print_items"), print_form(*numbers))
    assert answer["Location"] == at_desk.path("manufacturing:labels")
    page = text_of(at_desk.get(at_desk.path("manufacturing:labels")))
    (link,) = re.findall(r'href="(/journeys/[^"]+/labels/print/\d+/)"', page)
    pdf = at_desk.get(link)
    assert (pdf["Content-Type"], pdf["Cache-Control"]) == ("application/pdf", "no-store")
    first, second = pages_of(pdf.content)
    assert first.codes | second.codes == {code for label in Label.objects.all() for code in label.codes}
    identity = ChainOfIdentity.objects.get(pk=child.journey_id).identifier
    for sheet, division in ((first, "A0"), (second, "B0")):
        assert {read_code(code).division for code in sheet.squares - {identity}} == {division}
        assert identity in sheet.squares
        for said in (identity, str(child.journey.patient), "born 15-Jan-2021", child.journey.patient.mrn):
            assert said in sheet.text


def test_a_print_can_be_opened_for_a_quarter_of_an_hour(child: Story, luca: User, desk: Sit) -> None:
    (label,) = printed(child, bags(child)[0])
    at_desk = desk(luca)
    address = at_desk.path("manufacturing:print_pdf", label.event_id)
    child.later(minutes=14)
    assert at_desk.get(address).status_code == 200
    child.later(minutes=2)
    assert at_desk.get(address).status_code == 409
    assert at_desk.get(at_desk.path("manufacturing:print_pdf", label.event_id + 999)).status_code == 404


def test_a_reprint_without_a_reason_comes_back_beside_its_field(child: Story, luca: User, desk: Sit) -> None:
    bag = bags(child)[0]
    printed(child, bag)
    at_desk = desk(luca)
    answer = at_desk.post(at_desk.path("manufacturing:print_items"), print_form(bag.number))
    assert answer.status_code == 422
    assert "Say why it is printed again." in text_of(answer)
    again = at_desk.post(at_desk.path("manufacturing:print_items"), print_form(bag.number, reason="spoiled"))
    assert again.status_code == 302


def test_vials_come_on_a_used_sheet(child: Story, luca: User, desk: Sit) -> None:
    at_desk = desk(luca)
    number = bags(child)[0].number
    typed = print_form(number, size="vial", paper="sheet", start=7, count=2, reason="second_place")
    assert at_desk.post(at_desk.path("manufacturing:print_items"), typed).status_code == 302
    event = Label.objects.order_by("number")[0].event_id
    (sheet,) = pages_of(at_desk.get(at_desk.path("manufacturing:print_pdf", event)).content)
    assert (list(sheet.squares), sheet.lines) == (Label.objects.order_by("number")[0].codes, frozenset())
    assert "Giulia" in sheet.text


def test_the_wristband_is_made_and_its_code_says_nothing(child: Story, nina: User, desk: Sit) -> None:
    at_desk = desk(nina)
    answer = at_desk.post(at_desk.path("manufacturing:print_wristband"), {"count": 1, "reason": ""})
    assert answer.status_code == 302
    label = Label.objects.get()
    (page,) = pages_of(at_desk.get(at_desk.path("manufacturing:print_pdf", label.event_id)).content)
    assert page.codes == set(label.codes)
    assert child.journey.patient.mrn in page.text


def test_labels_are_accounted_for_and_taken_back_on_the_page(child: Story, luca: User, desk: Sit) -> None:
    one, two = printed(child, *bags(child))
    child.later(minutes=10)
    at_desk = desk(luca)
    typed = {"labels": [one.number, two.number], "state": "applied", "at": "", "note": ""}
    assert at_desk.post(at_desk.path("manufacturing:labels"), typed).status_code == 302
    page = text_of(at_desk.get(at_desk.path("manufacturing:labels")))
    assert "All accounted for" in page
    back = at_desk.post(at_desk.path("manufacturing:label_strike", one.pk), {"reason": "Wrong sheet."})
    assert back.status_code == 302
    assert "Not accounted for" in text_of(at_desk.get(at_desk.path("manufacturing:labels")))
    assert at_desk.post(at_desk.path("manufacturing:labels"), {"state": "applied"}).status_code == 422


def test_the_center_sees_what_is_open_and_only_its_own(
    child: Story, luca: User, cleo: User, desk: Sit
) -> None:
    printed(child, *bags(child))
    at_desk = desk(luca)
    page = text_of(at_desk.get("/labels/"))
    assert page.count(f"/journeys/{child.journey_id}/labels/") == 2
    assert desk(cleo).get("/labels/").status_code == 403


def test_the_administrator_says_what_stands_on_every_label(
    child: Story, omar: User, luca: User, desk: Sit
) -> None:
    at_desk = desk(omar)
    wrong = at_desk.post("/labels/settings/", {"fin": "O9999", "facility": "", "address": ""})
    assert wrong.status_code == 422
    told = {"fin": "a9999", "facility": "Cell Laboratory", "address": "Via Roma 1"}
    assert at_desk.post("/labels/settings/", told).status_code == 302
    assert LabelSetting.objects.get().fin == "A9999"
    assert (
        at_desk.post(
            "/labels/settings/", {"product_code": "s1234", "words": "T Cells, Apheresis"}
        ).status_code
        == 302
    )
    assert ProductWords.objects.get().product_code == "S1234"
    (label,) = printed(child, bags(child)[0])
    at_luca = desk(luca)
    (page,) = pages_of(at_luca.get(at_luca.path("manufacturing:print_pdf", label.event_id)).content)
    for said in ("A9999 Cell Laboratory", "Via Roma 1", "T Cells, Apheresis"):
        assert said in page.text


# --- The scanner -------------------------------------------------------------------------------------------


def test_a_scan_opens_the_page_of_what_comes_next(child: Story, luca: User, desk: Sit) -> None:
    at_desk = desk(luca)
    bag = bags(child)[0]
    for address in ("/scan/", at_desk.path("manufacturing:scan_child")):
        answer = at_desk.post(address, {"read": scan_of(bag)})
        assert answer.status_code == 302
        assert f"/journeys/{child.journey_id}/custody/" in answer["Location"]
        assert "Rossi" not in answer["Location"]
        assert at_desk.get(answer["Location"]).status_code == 200


def test_what_a_scanner_types_into_the_search_field_is_a_scan(child: Story, luca: User, desk: Sit) -> None:
    at_desk = desk(luca)
    answer = at_desk.post("/search/", {"q": scan_of(bags(child)[0])})
    assert f"/journeys/{child.journey_id}/custody/" in answer["Location"]
    band = band_printed(child).codes[0]
    assert at_desk.post("/search/", {"q": band})["Location"] == f"/journeys/{child.journey_id}/"
    assert at_desk.post("/search/", {"q": "Rossi"})["Location"] == "/search/"


def test_a_number_alone_asks_which_bag_it_is(child: Story, luca: User, desk: Sit) -> None:
    at_desk = desk(luca)
    number = scan_of(bags(child)[0]).split("=<")[0]
    page = text_of(at_desk.post("/scan/", {"read": number}))
    assert "Which of these is it?" in page
    (first, _second) = re.findall(r'href="(/journeys/[^"]+/scan/items/\d+/)"', page)
    assert at_desk.get(first).status_code == 302


def test_the_wrong_bag_fills_the_screen_until_somebody_says_what_they_did(
    child: Story, luca: User, desk: Sit
) -> None:
    other = another(child)
    at_desk = desk(luca)
    answer = at_desk.post(at_desk.path("manufacturing:scan_child"), {"read": scan_of(bags(other)[0])})
    assert answer["Location"] == at_desk.path("manufacturing:scan_stop", 1)
    stop = at_desk.get(answer["Location"])
    page = text_of(stop)
    for said in ("STOP", "This belongs to another child", "I put it aside and go on", 'role="alert"'):
        assert said in page
    assert 'id="rail"' not in page
    assert other.journey.patient.mrn not in page
    assert at_desk.post(answer["Location"], {"done": ""}).status_code == 422
    assert at_desk.post(answer["Location"], {"done": "Put aside."}).status_code == 302
    assert ScanStop.objects.get().acknowledged_by == "Luca"
    listed = text_of(at_desk.get(at_desk.path("manufacturing:scan_child")))
    assert "Put aside." in listed


@pytest.mark.parametrize("path", ["/scan/", "manufacturing:scan_child"])
def test_a_wrong_check_character_is_refused_by_name(child: Story, luca: User, desk: Sit, path: str) -> None:
    at_desk = desk(luca)
    address = at_desk.path(path) if ":" in path else path
    answer = at_desk.post(address, {"read": "A9999 17 123456 *"})
    if ":" in path:
        assert "check character" in text_of(at_desk.get(answer["Location"]))
    else:
        assert answer.status_code == 422
        assert "The check character of this donation number is" in text_of(answer)


def test_an_expired_and_a_quarantined_bag_stop_on_the_page(child: Story, luca: User, desk: Sit) -> None:
    (old,) = bags_added(child, "C0", expires_at=child.at + timedelta(hours=1))
    child.later(hours=3)
    at_desk = desk(luca)
    answer = at_desk.post("/scan/", {"read": scan_of(old)})
    assert "/scan/stops/1/" in answer["Location"]
    assert "expired" in text_of(at_desk.get(answer["Location"]))


def test_to_another_center_no_bag_of_ours_exists(child: Story, cleo: User, desk: Sit) -> None:
    answer = desk(cleo).post("/scan/", {"read": scan_of(bags(child)[0])})
    assert answer.status_code == 422
    assert "Nothing with this number is on record here." in text_of(answer)
    assert not ScanStop.objects.exists()


def test_lists_cost_the_same_for_many_labels_as_for_one(child: Story, luca: User, desk: Sit) -> None:
    printed(child, bags(child)[0])
    at_desk = desk(luca)
    addresses = ("/labels/", at_desk.path("manufacturing:labels"))
    few = [at_desk.queries(address) for address in addresses]
    printed(child, *bags(child), reason="unreadable")
    printed(child, *bags(child), reason="unreadable")
    assert [at_desk.queries(address) for address in addresses] == few
