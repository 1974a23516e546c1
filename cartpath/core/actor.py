"""Who does something: a person, a program, or CARTPath itself."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """The doer of an act, as it is written into the ledger.

    `name` is kept as text so that the record survives the account. `user_id` is set for people only.
    """

    kind: Literal["user", "client", "system"]
    id: str
    name: str
    user_id: int | None = None

    @classmethod
    def system(cls, name: str) -> "Actor":
        """CARTPath acting by itself, e.g. `Actor.system("beat")`."""
        return cls(kind="system", id=name, name=name)
