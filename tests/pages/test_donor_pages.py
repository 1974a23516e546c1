"""The donor on the pages: a card of their own, forms, the booking, and what nobody else may see."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from cartpath.accounts.models import User
from leukapheresis.models import Booking
from patients.donor import Donor
from patients.models import Consent
from tests.factories import Story
from tests.pages.conftest import Desk, panel_of
from tests.pages.conftest import text_of as page_text

Sit = Callable[[User], Desk]

TYPED = {
    "local_id": "DON-7",
    "family_name": "Bianchi",
    "given_name": "Marta",
    "birth_date": "1988-05-01",
    "sex": "female",
    "relation": "mother",
    "hla_matched": "5",
    "hla_typed": "10",
    "weight_kg": "61,5",
    "height_cm": "166",
    **dict.fromkeys(("hbv", "hcv", "hiv"), "negative"),
    **{f"{test}_on": "2026-03-01" for test in ("hbv", "hcv", "hiv")},
}
SIGNED = {
    "signer": "donor",
    "given_by": "Marta Bianchi",
    "document_version": "2.1",
    "signed_on": "2026-03-02",
}


@pytest.fixture
def waiting(story: Story) -> Story:
    """A child accepted for donor-derived cells; no donor is known yet."""
    story.accepted(product="donor_cd19", disease_status="relapse_after_hsct")
    return story


def text_of(response: HttpResponse) -> str:
    """The page as a person reads it, signs and all."""
    return unescape(page_text(response))


def page_of(desk: Desk) -> str:
    return text_of(desk.get(f"/journeys/{desk.story.journey_id}/"))


def recorded(desk: Desk, **changes: str) -> Any:
    return desk.post(desk.path("patients:donor"), TYPED | changes)


def signed(desk: Desk, **changes: str) -> Any:
    return desk.post(desk.path("patients:donor_consent"), SIGNED | changes)


def test_the_banner_says_that_the_cells_are_a_donors(waiting: Story, desk: Sit, dana: User) -> None:
    page = page_of(desk(dana))
    assert "Donor's cells" in page
    assert "No donor is recorded. This product is made of a donor's cells" in page


def test_a_child_with_own_cells_has_no_donor_anywhere(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    page = page_of(desk(ada))
    assert "onor's cells" not in page
    assert 'id="donor"' not in page
    assert desk(ada).get(desk(ada).path("patients:donor")).status_code == 404
    assert desk(ada).get(desk(ada).path("patients:donor_consent")).status_code == 404


def test_a_donor_is_recorded_and_shown_apart_from_the_child(waiting: Story, desk: Sit, ada: User) -> None:
    response = recorded(desk(ada))
    assert (response.status_code, response["Location"]) == (302, panel_of(waiting, "donor"))
    donor = Donor.objects.get()
    assert (str(donor), float(donor.weight_kg or 0), donor.hbv) == ("BIANCHI, Marta", 61.5, "negative")
    page = page_of(desk(ada))
    assert "Donor: BIANCHI, Marta" in page
    assert "Donor, not the patient" in page
    assert "5/10" in page
    assert "Consent to the donation</span>" in page or "Consent to the donation <span" in page


def test_the_childs_agreements_and_the_donors_do_not_mix(waiting: Story, desk: Sit, ada: User) -> None:
    recorded(desk(ada))
    signed(desk(ada))
    consent = Consent.objects.get()
    assert (consent.kind, consent.signer) == ("donation", "donor")
    child = text_of(desk(ada).get(desk(ada).path("patients:consent_new")))
    assert "Consent to the donation" not in child
    agreements = page_of(desk(ada)).split('id="patient-consents"')[1].split("patient-contacts")[0]
    assert "Marta Bianchi" not in agreements


def test_a_wrong_signer_is_refused_beside_the_field(waiting: Story, desk: Sit, ada: User) -> None:
    recorded(desk(ada), birth_date="2015-06-01", relation="sibling")
    response = signed(desk(ada))
    page = text_of(response)
    assert response.status_code == 422
    assert "The donor is a minor: a guardian signs." in page
    assert 'value="Marta Bianchi"' in page
    assert not Consent.objects.exists()


def test_impossible_details_stay_typed_and_are_told(waiting: Story, desk: Sit, ada: User) -> None:
    response = recorded(desk(ada), hbv_on="", hla_matched="11", hiv_on="2026-03-09")
    page = text_of(response)
    assert response.status_code == 422
    assert "Give a day that is not in the future." in page
    assert 'value="Bianchi"' in page
    assert not Donor.objects.exists()


def test_a_change_asks_for_a_reason(waiting: Story, desk: Sit, ada: User) -> None:
    recorded(desk(ada))
    form = text_of(desk(ada).get(desk(ada).path("patients:donor")))
    assert "Reason for the change" in form
    assert 'value="Bianchi"' in form
    assert recorded(desk(ada), weight_kg="62").status_code == 422
    assert recorded(desk(ada), weight_kg="62", reason="Weighed again.").status_code == 302
    assert float(Donor.objects.get().weight_kg or 0) == 62


def test_the_booking_says_what_the_donor_lacks(waiting: Story, desk: Sit, ada: User) -> None:
    slot = waiting.slot()
    path = desk(ada).path("leukapheresis:booking")
    page = text_of(desk(ada).get(path))
    assert "Donor not ready today" in page
    assert "No donor is recorded." in page
    assert "the child's treatments don't hold that up" in page
    refused = desk(ada).post(path, {"slot": str(slot.pk)})
    assert refused.status_code == 422
    assert "No donor is recorded." in text_of(refused)
    recorded(desk(ada))
    signed(desk(ada))
    assert "Donor ready today" in text_of(desk(ada).get(path))
    assert desk(ada).post(path, {"slot": str(slot.pk)}).status_code == 302
    assert Booking.objects.get().override_reason == ""


def test_a_positive_donor_is_booked_by_somebody_who_may_say_why(
    waiting: Story, desk: Sit, ada: User, nina: User
) -> None:
    recorded(desk(ada), hbv="positive")
    signed(desk(ada))
    slot, path = waiting.slot(), desk(ada).path("leukapheresis:booking")
    assert "HBV" in text_of(desk(ada).get(f"/journeys/{waiting.journey_id}/"))
    assert "in spite of the serology" not in text_of(desk(nina).get(path))
    assert "in spite of the serology" in text_of(desk(ada).get(path))
    typed = {"slot": str(slot.pk), "override_reason": "Past infection, no DNA."}
    assert desk(nina).post(path, typed).status_code == 422
    assert desk(ada).post(path, typed).status_code == 302
    assert Booking.objects.get().override_reason == "Past infection, no DNA."


def test_the_collection_page_shows_the_donors_weight_and_blood_volume(
    waiting: Story, desk: Sit, ada: User, nina: User
) -> None:
    recorded(desk(ada))
    signed(desk(ada))
    page = text_of(desk(nina).get(desk(nina).path("leukapheresis:collection_day")))
    who = page.split("Who is collected")[1]
    assert "BIANCHI, Marta" in who
    assert "61.5" in who
    assert "3,847" in who or "3847" in who
    assert "Donor's weight" in page


def test_the_childs_own_collection_shows_the_child(story: Story, desk: Sit, nina: User) -> None:
    story.accepted()
    page = text_of(desk(nina).get(desk(nina).path("leukapheresis:collection_day")))
    who = page.split("Who is collected")[1]
    assert "ROSSI, Giulia" in who
    assert "Donor" not in who.split("</section>")[0]


def test_an_outsider_finds_no_donor_and_an_auditor_may_not_write(
    waiting: Story, desk: Sit, ada: User, cleo: User, dana: User, luca: User
) -> None:
    recorded(desk(ada))
    for name in ("patients:donor", "patients:donor_consent"):
        assert desk(cleo).get(desk(cleo).path(name)).status_code == 404
        assert desk(dana).get(desk(dana).path(name)).status_code == 403
        assert desk(luca).post(desk(luca).path(name), TYPED).status_code == 403
    assert Donor.objects.count() == 1


def test_the_donors_name_stands_in_no_address_and_no_log(
    waiting: Story, desk: Sit, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        response = recorded(desk(ada))
        signed(desk(ada))
        page_of(desk(ada))
    assert "ianchi" not in response["Location"]
    assert "ianchi" not in caplog.text and "DON-7" not in caplog.text


def test_the_timeline_tells_the_donor_and_the_consent(waiting: Story, desk: Sit, ada: User) -> None:
    recorded(desk(ada))
    signed(desk(ada))
    page = text_of(desk(ada).get(reverse("web:journey_timeline", args=[waiting.journey_id])))
    assert "Donor: Bianchi, Marta" in page
    assert "HBV Negative" in page
    assert "Consent to the donation signed" in page


def test_the_donors_card_costs_the_same_however_much_is_recorded(
    waiting: Story, desk: Sit, ada: User
) -> None:
    path = f"/journeys/{waiting.journey_id}/"
    recorded(desk(ada))
    signed(desk(ada))
    once = desk(ada).queries(path)
    for day in ("2026-02-10", "2026-02-20", "2026-02-25"):
        signed(desk(ada), signed_on=day)
    assert Consent.objects.count() == 4
    assert desk(ada).queries(path) == once
