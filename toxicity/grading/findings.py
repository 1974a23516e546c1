"""What one domain of a scale contributes to a grade.

Source: derived from ASTCT 2019, where the worst domain decides: a domain not assessed is never normal.
"""

from dataclasses import dataclass

__all__ = ["Finding", "least"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The least grade that the known part of one domain allows.

    `grade` is None when nothing about the domain is known. `complete` is false when something is missing
    that could raise the grade. `because` says in words which rule gave the grade.
    """

    grade: int | None
    complete: bool
    because: str
    flags: tuple[str, ...] = ()


def least(finding: Finding) -> int:
    """The grade a domain certainly contributes: an unknown domain adds nothing and hides nothing.

    Source: see the module.
    """
    return finding.grade or 0
