"""What import-linter cannot say: an app's views, forms and tasks are its own business."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
APPS = [
    ".".join(path.parent.relative_to(ROOT).parts)
    for pattern in ("*/apps.py", "cartpath/*/apps.py")
    for path in sorted(ROOT.glob(pattern))
]
PRIVATE = re.compile(r"^(?P<app>[\w.]+)\.(views|forms|tasks)(\.|$)")


def imports(path: Path) -> Iterator[str]:
    """Every dotted name that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nobody_imports_the_views_forms_or_tasks_of_another_app() -> None:
    trespassers = []
    for app in APPS:
        for path in (ROOT / app.replace(".", "/")).rglob("*.py"):
            for name in imports(path):
                private = PRIVATE.match(name)
                if private and private["app"] in APPS and private["app"] != app:
                    trespassers.append(f"{path.relative_to(ROOT)} imports {name}")
    assert len(APPS) > 8
    assert trespassers == []
