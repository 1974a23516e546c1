"""An alert is raised once, again only when worse, and cleared only by what was seen."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols.alert_rows import AlertRule, Urgency
from toxicity.alerts.rules.facts import Seen
from toxicity.alerts.rules.standing import End, Raise, Standing, Step, decide

T0 = datetime(2026, 3, 3, 8, tzinfo=UTC)
RULE = AlertRule(
    id="alert_test",
    label="Test",
    text="Look.",
    sign="low_saturation",
    urgency="urgent",
    below=94,
    worse_by=3,
    quiet_hours=4,
    source=("DESIGN",),
    status="center_default",
)


@dataclass
class Ward:
    """Plays what is seen into `decide`, as the services do, and keeps what came of it."""

    rule: AlertRule = RULE
    seen: list[Seen] = field(default_factory=list)
    standing: Standing | None = None
    settled_at: datetime | None = None
    raised: list[Seen] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def sees(self, hours: float, degree: float) -> "Ward":
        self.seen.append(Seen(T0 + timedelta(hours=hours), degree, f"set-{hours:g}"))
        return self.review()

    def review(self) -> "Ward":
        since = T0 - timedelta(days=9)
        self.steps = decide(self.rule, self.seen, self.standing, settled_at=self.settled_at, since=since)
        for step in self.steps:
            if isinstance(step, Raise):
                self.standing = Standing(step.seen.degree, step.seen.ref, step.seen.at, False)
                self.raised.append(step.seen)
            else:
                self.standing = None
                self.settled_at = step.eased_at or self.settled_at
        return self

    def answered(self) -> "Ward":
        assert self.standing is not None
        self.standing = replace(self.standing, is_answered=True)
        return self


def ward(urgency: Urgency = "urgent") -> Ward:
    return Ward(rule=replace(RULE, urgency=urgency))


def test_a_state_that_stays_raises_one_alert() -> None:
    seen = ward().sees(0, 2).sees(4, 2).sees(8, 4)
    assert [each.degree for each in seen.raised] == [2]


def test_it_is_raised_again_when_worse_by_as_much_as_the_rule_says() -> None:
    seen = ward().sees(0, 2).sees(4, 5)
    assert [each.degree for each in seen.raised] == [2, 5]
    assert seen.steps == [End("worse"), Raise(seen.seen[1])]


def test_without_a_step_in_the_rule_nothing_is_worse() -> None:
    seen = Ward(rule=replace(RULE, worse_by=None)).sees(0, 1).sees(4, 90)
    assert len(seen.raised) == 1


def test_it_clears_when_seen_gone_for_long_enough_and_not_before() -> None:
    seen = ward().sees(0, 2).sees(2, 0).sees(5.9, 0)
    assert seen.standing is not None
    seen.sees(6, 0)
    assert seen.steps == [End("eased", T0 + timedelta(hours=6))]


def test_hours_in_which_nobody_looked_clear_nothing() -> None:
    seen = ward().sees(0, 2).sees(20, 0)
    assert seen.standing is not None
    assert seen.sees(24, 0).standing is None


def test_a_sign_that_comes_back_at_once_is_the_same_alert() -> None:
    seen = ward().sees(0, 2).sees(2, 0).sees(4, 2).sees(6, 0).sees(7.9, 0)
    assert (len(seen.raised), seen.standing is not None) == (1, True)


def test_after_it_has_cleared_the_same_state_is_news() -> None:
    seen = ward().sees(0, 2).sees(4, 0).sees(8, 0).sees(12, 2)
    assert len(seen.raised) == 2


def test_an_emergency_stands_until_somebody_answers() -> None:
    seen = ward("emergency").sees(0, 2).sees(6, 0).sees(12, 0)
    assert seen.standing is not None
    seen.answered().review()
    assert seen.steps == [End("eased", T0 + timedelta(hours=12))]


def test_what_was_an_error_is_taken_back() -> None:
    seen = ward().sees(0, 9)
    seen.seen.clear()
    assert seen.review().steps == [End("entered_in_error")]


def test_a_corrected_value_is_judged_afresh_so_that_worse_means_worse_than_it_was() -> None:
    seen = ward().sees(0, 20)
    seen.seen[0] = replace(seen.seen[0], degree=1)
    assert seen.review().steps == [End("entered_in_error"), Raise(seen.seen[0])]
    assert [each.degree for each in seen.sees(4, 4).raised] == [20, 1, 4]


def test_an_entry_of_before_raises_unless_it_was_over_by_then() -> None:
    late = ward().sees(8, 0)
    assert late.sees(6, 2).raised
    over = ward().sees(8, 0)
    assert not over.sees(4, 2).raised


moments = st.lists(
    st.tuples(st.floats(0.25, 9), st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0])), max_size=25
)


@given(moments)
def test_between_two_alerts_the_state_is_worse_or_was_over(told: list[tuple[float, float]]) -> None:
    seen, hours, last = ward(), 0.0, None
    for gap, degree in told:
        hours += gap
        seen.sees(hours, degree)
        for step in seen.steps:
            if isinstance(step, End):
                last = None if step.cause == "eased" else last
            else:
                assert last is None or step.seen.degree >= last + 3
                last = step.seen.degree


@given(moments, st.randoms(use_true_random=False))
def test_looks_that_nobody_made_never_clear_an_alert(told: list[tuple[float, float]], chance: Random) -> None:
    known, partly, hours = ward(), ward(), 0.0
    for gap, degree in told:
        hours += gap
        known.sees(hours, degree)
        if degree > 0 or chance.random() < 0.6:
            partly.sees(hours, degree)
        assert partly.standing is not None or known.standing is None


@given(moments)
def test_looking_again_changes_nothing(told: list[tuple[float, float]]) -> None:
    seen, hours = ward(), 0.0
    for gap, degree in told:
        hours += gap
        seen.sees(hours, degree)
        assert seen.review().steps == []


@given(moments)
def test_a_sign_that_is_there_always_has_an_alert(told: list[tuple[float, float]]) -> None:
    seen, hours = ward(), 0.0
    for gap, degree in told:
        hours += gap
        seen.sees(hours, degree)
        assert seen.standing is not None or degree == 0


@given(moments, st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_hide_a_standing_sign(
    told: list[tuple[float, float]], shuffler: object
) -> None:
    """Whoever enters late: when all is known, a sign that is there now has an alert."""
    placed, hours = [], 0.0
    for gap, degree in told:
        hours += gap
        placed.append((hours, degree))
    order = list(placed)
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    seen = ward()
    for at, degree in order:
        seen.sees(at, degree)
    if placed and placed[-1][1] > 0:
        assert seen.standing is not None
