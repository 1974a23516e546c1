"""Runs benchmarks: `python -m bench` all of them, `python -m bench api` one.

`make bench` starts the servers and calls this; `DATABASE_URL` and `REDIS_URL` name them. Every benchmark
works in databases of its own and removes them.
"""

import argparse
import importlib
import sys
from typing import Final

NAMES: Final = ("api", "scheduling", "finder", "reminders", "bedside")


def main() -> int:
    """Run the named benchmarks; the exit code is 1 when one missed its target."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    chosen = parser.parse_args().names or NAMES
    unknown = sorted(set(chosen) - set(NAMES))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there is: {', '.join(NAMES)}")
    met = [importlib.import_module(f"bench.{name}").run() for name in chosen]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
