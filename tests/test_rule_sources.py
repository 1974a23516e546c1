"""Every rule says where it comes from."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("patients", "leukapheresis", "manufacturing", "infusion", "toxicity", "followup")
# Said as "Source:", or the paper itself with its year.
CITED = re.compile(r"[Ss]ources?\b|\b(19|20)\d\d\b|prescribing information|\bPALS\b|CTCAE v\d")


def rule_modules() -> Iterator[Path]:
    for stage in STAGES:
        for pattern in ("rules.py", "*_rules.py", "rules/*.py", "grading/*.py"):
            yield from (path for path in (ROOT / stage).glob(pattern) if path.name != "__init__.py")
    yield ROOT / "cartpath" / "calculators" / "proportion.py"


MODULES = sorted(rule_modules())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_rule_module_and_each_of_its_public_rules_cite_a_source(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    assert re.search(r"\bSources?\b", ast.get_docstring(module) or ""), "the module names no source"
    silent = [
        rule.name
        for rule in module.body
        if isinstance(rule, ast.FunctionDef)
        and not rule.name.startswith("_")
        and not CITED.search(ast.get_docstring(rule) or "")
    ]
    assert silent == []
