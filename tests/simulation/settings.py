"""Settings of the simulation's workers: the project's own, but mail goes into the log of the simulation."""

from cartpath.settings import *  # noqa: F403

EMAIL_BACKEND = "tests.simulation.sink.LogBackend"
