"""`celery -A tests.simulation.worker worker`: CARTPath's worker and tasks, but for two things.

The tick reads the simulation's clock, and what a webhook would be posted is written into its log.
"""

import os
from types import SimpleNamespace

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.simulation.settings"

from cartpath.celery import app


@app.on_after_finalize.connect
def take_part(sender: object, **_more: object) -> None:
    """Once Django and the tasks are there."""
    from cartpath.reminders import channels, tasks
    from tests.simulation import sink
    from tests.simulation.clock import clock_of_environment

    vars(tasks)["timezone"] = SimpleNamespace(now=clock_of_environment().now)
    vars(channels)["post"] = sink.post


__all__ = ["app"]
