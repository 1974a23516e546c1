"""Invented names of children and their parents. Nobody real is meant."""

from dataclasses import dataclass
from random import Random
from typing import Final, Literal

Sex = Literal["female", "male"]
Heritage = Literal["it", "ro", "sq", "ar", "uk", "zh", "es", "de"]


@dataclass(frozen=True, slots=True)
class Names:
    """Names as one language has them; the first is drawn first."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]
    mothers: tuple[str, ...]
    fathers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FullName:
    """A child's name, and a parent to call."""

    given: str
    family: str
    parent: str
    relation: Literal["mother", "father"]


NAMES: Final[dict[Heritage, Names]] = {
    "it": Names(
        female=(
            *("Alice", "Anita", "Beatrice", "Camilla", "Caterina", "Diletta", "Elisa", "Emma", "Gaia"),
            *("Ginevra", "Irene", "Lucia", "Margherita", "Matilde", "Noemi", "Rebecca", "Sofia", "Viola"),
        ),
        male=(
            *("Andrea", "Davide", "Diego", "Edoardo", "Elia", "Enea", "Filippo", "Gabriele", "Giacomo"),
            *("Jacopo", "Leonardo", "Lorenzo", "Mattia", "Nicolò", "Pietro", "Riccardo", "Samuele"),
        ),
        family=(
            *("Albertini", "Bellandi", "Brembati", "Caprari", "Carminelli", "Dorigatti", "Erbetta"),
            *("Fagnani", "Ferraguzzi", "Galimbelli", "Grisoni", "Lanzetti", "Locatini", "Marsigli"),
            *("Meraviglia", "Nardelli", "Orlandini", "Pasqualon", "Pedrazzoli", "Quaranta", "Ravasini"),
            *("Rodighieri", "Sambuco", "Sangalletti", "Tassinari", "Trevisol", "Ubertini", "Valsecca"),
            *("Vigolungo", "Zanforlin", "Zorzetto", "Brugnoletti", "Cornaggini", "Mezzadrini", "Stefanuzzi"),
        ),
        mothers=("Paola", "Silvia", "Monica", "Federica", "Valentina", "Elena"),
        fathers=("Marco", "Stefano", "Alessandro", "Paolo", "Simone", "Roberto"),
    ),
    "ro": Names(("Ioana",), ("Andrei",), ("Munteanu", "Dobrescu"), ("Mihaela",), ("Florin",)),
    "sq": Names(("Arta",), ("Besnik",), ("Hoxhaj", "Lekaj"), ("Mirela",), ("Agron",)),
    "ar": Names(("Salma",), ("Yasin",), ("Benhadda", "El Mansour"), ("Fatima",), ("Karim",)),
    "uk": Names(("Sofiia",), ("Danylo",), ("Kovalchuk-Horbenko", "Lysenko"), ("Oksana",), ("Taras",)),
    "zh": Names(("Meilin",), ("Haoran",), ("Zhou", "Hu"), ("Lihua",), ("Wei",)),
    "es": Names(("Lucía",), ("Mateo",), ("Quispe Huamán", "Salazar Ríos"), ("Rosa",), ("Jorge",)),
    "de": Names(
        ("Leni", "Frieda"), ("Jonas", "Emil"), ("Auerbach", "Lindner", "Seeberger"), ("Katrin",), ("Tobias",)
    ),
}

LONG_NAMES: Final[dict[Sex, tuple[str, str]]] = {
    "female": ("Maria Vittoria Alessandra Benedetta", "Castelbarco Montecuccolini della Rovere"),
    "male": ("Massimiliano Alessandro Bartolomeo", "Acquaviva Santacroce di Roccaforte"),
}


class NameBook:
    """Deals out names, each family name once as long as there are enough; the same seed deals the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"names/{seed}")
        self._piles: dict[tuple[str, str], list[str]] = {}

    def draw(self, heritage: Heritage, sex: Sex, *, is_long: bool = False) -> FullName:
        """The next child of a language."""
        relation: Literal["mother", "father"] = self._random.choice(("mother", "father"))
        parent = self._next(heritage, "mothers" if relation == "mother" else "fathers")
        drawn = self._next(heritage, sex), self._next(heritage, "family")
        given, family = LONG_NAMES[sex] if is_long else drawn
        return FullName(given=given, family=family, parent=f"{parent} {family}", relation=relation)

    def _next(self, heritage: Heritage, kind: str) -> str:
        pile = self._piles.setdefault((heritage, kind), [])
        if not pile:
            pile.extend(getattr(NAMES[heritage], kind))
            self._random.shuffle(pile)
        return pile.pop()
