"""Changes one thing at a time in the rules and counts which changes tests/rules don't notice.

    make mutants                                    every rule module
    make mutants ARGS="toxicity.grading.crs"        one module, or any beginning of module names
    make mutants ARGS="--survivors"                 only show what survived, without running anything

The copy that is changed stands in `mutants/`; only what changed since the last run is run again. The rules
need no database, so neither does this.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter

from environment import ROOT

MUTANTS = ROOT / "mutants"
# The settings are read, nothing is reached.
SETTINGS = {
    "CARTPATH_ENV": "test",
    "SECRET_KEY": "for mutants only",
    "DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent",
    "REDIS_URL": "redis://localhost:1/0",
}
# What mutmut writes for a test that failed, and for one that never came back: both noticed the change.
FAILED = (1, 3)
TIMED_OUT = (24, -24, 36, 152, 255)
UNKNOWN = None
WANTED_PERCENT = 90


def main() -> int:
    """Run the mutants, then print how many of each module died; 1 when fewer than 90 % did."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--children", type=int, default=1, help="how many run at the same time")
    parser.add_argument("--survivors", action="store_true", help="show the survivors of the last run")
    parser.add_argument("modules", nargs="*", help="beginnings of module names")
    options = parser.parse_args()
    if options.survivors:
        return _show_survivors(options.modules)
    patterns = [f"{module}*" for module in options.modules]
    ran = subprocess.run(
        [sys.executable, "-m", "mutmut", "run", "--max-children", str(options.children), *patterns],
        cwd=ROOT,
        env={**os.environ, **SETTINGS},
        check=False,
    )
    return ran.returncode or _report(options.modules)


def _verdicts(modules: list[str]) -> dict[str, dict[str, int | None]]:
    """Module to the exit code of the tests for each of its mutants."""
    found: dict[str, dict[str, int | None]] = {}
    for meta in sorted(MUTANTS.rglob("*.py.meta")):
        name = ".".join(meta.relative_to(MUTANTS).with_suffix("").with_suffix("").parts)
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        ran = {key: code for key, code in codes.items() if code is not UNKNOWN}
        if ran and (not modules or name.startswith(tuple(modules))):
            found[name] = ran
    return found


def _is_killed(code: int | None) -> bool:
    return code in FAILED or code in TIMED_OUT


def _report(modules: list[str]) -> int:
    total: Counter[str] = Counter()
    print(f"\n{'module':48} killed  survived")
    for name, codes in _verdicts(modules).items():
        killed = sum(_is_killed(code) for code in codes.values())
        total += Counter(killed=killed, survived=len(codes) - killed)
        print(f"{name:48} {killed:6}  {len(codes) - killed:8}  {100 * killed / len(codes):5.1f} %")
    if not total:
        print("No rule has a mutant of this name.")
        return 1
    percent = 100 * total["killed"] / total.total()
    print(f"{'all':48} {total['killed']:6}  {total['survived']:8}  {percent:5.1f} %")
    return 0 if percent >= WANTED_PERCENT else 1


def _show_survivors(modules: list[str]) -> int:
    for codes in _verdicts(modules).values():
        for key, code in codes.items():
            if not _is_killed(code):
                subprocess.run([sys.executable, "-m", "mutmut", "show", key], cwd=ROOT, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
