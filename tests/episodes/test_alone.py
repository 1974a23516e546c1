"""Neurotoxicity without CRS is said only where somebody looked for CRS."""

from datetime import UTC, datetime, timedelta

import pytest

from patients.models import Journey
from toxicity.episodes.pictures import episode_pictures
from toxicity.episodes.rules import Seen
from toxicity.models import Episode
from toxicity.models.episodes import Scale

ONSET = datetime(2026, 3, 5, 8, tzinfo=UTC)


def after(hours: float) -> datetime:
    return ONSET + timedelta(hours=hours)


def episode(scale: Scale, *, begins: float = 0, ends: float | None = None) -> Episode:
    at = after(begins)
    return Episode(
        scale=scale.value,
        onset_at=at,
        peak_at=at,
        last_sign_at=at,
        resolved_at=None if ends is None else after(ends),
    )


@pytest.mark.parametrize(
    ("crs", "alone"),
    [
        pytest.param([], False, id="nobody looked"),
        pytest.param([Seen(after(4), 0, at_least=True)], False, id="not everything was looked at"),
        pytest.param([Seen(after(-1), 0)], False, id="looked before it began"),
        pytest.param([Seen(after(4), 0, ailing=True)], False, id="signs that lack the fever"),
        pytest.param([Seen(after(4), 0)], True, id="looked and found nothing"),
        pytest.param([Seen(after(13), 0)], False, id="looked after its end"),
    ],
)
def test_neurotoxicity_is_alone_only_where_crs_was_looked_for(crs: list[Seen], alone: bool) -> None:
    found = [episode(Scale.ICANS, ends=12)]
    (picture,) = episode_pictures(Journey(), found, [], crs, at=after(48))
    assert picture.is_alone is alone


def test_neurotoxicity_beside_crs_is_not_alone_and_crs_never_is() -> None:
    found = [episode(Scale.ICANS), episode(Scale.CRS, begins=2)]
    pictures = episode_pictures(Journey(), found, [], [Seen(after(1), 0)], at=after(48))
    assert [(each.scale, each.is_alone) for each in pictures] == [("ICANS", False), ("CRS", False)]
