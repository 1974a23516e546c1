"""The stage table: which moves are legal. The database holds the same table in a trigger."""

from patients.enums import Stage

MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.REFERRED: frozenset({Stage.ACCEPTED, Stage.CLOSED}),
    # Cells may have been collected before the order, or elsewhere: no booking is needed then.
    Stage.ACCEPTED: frozenset({Stage.APHERESIS_PLANNED, Stage.COLLECTED, Stage.CLOSED}),
    Stage.APHERESIS_PLANNED: frozenset({Stage.ACCEPTED, Stage.COLLECTED, Stage.CLOSED}),
    # Too few cells: collect again.
    Stage.COLLECTED: frozenset({Stage.MANUFACTURING, Stage.ACCEPTED, Stage.CLOSED}),
    # Failed, or the physician wants a new collection.
    Stage.MANUFACTURING: frozenset({Stage.RELEASED, Stage.ACCEPTED, Stage.COLLECTED, Stage.CLOSED}),
    # Lymphodepletion may be waived by a physician; a release may be withdrawn before the product is given.
    Stage.RELEASED: frozenset({Stage.LYMPHODEPLETION, Stage.INFUSED, Stage.MANUFACTURING, Stage.CLOSED}),
    # The infusion is put off so long that lymphodepletion starts anew.
    Stage.LYMPHODEPLETION: frozenset({Stage.INFUSED, Stage.RELEASED, Stage.CLOSED}),
    Stage.INFUSED: frozenset({Stage.FOLLOW_UP, Stage.CLOSED}),
    Stage.FOLLOW_UP: frozenset({Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}


def is_legal(origin: str, target: str) -> bool:
    """Whether a journey may go from `origin` to `target`."""
    return Stage(target) in MOVES[Stage(origin)]


def pairs() -> list[tuple[str, str]]:
    """Every legal move, sorted: what the database's trigger must hold."""
    return sorted((origin.value, target.value) for origin, targets in MOVES.items() for target in targets)
