"""How CARTPath uses Celery, in one block that the settings import.

Every value here differs from Celery's default on purpose; the reason stands beside it. Nothing relies
on a message surviving: reminders are rows in PostgreSQL and beat finds them again (see ADR 0002).
"""

from typing import Any, Final

from kombu import Exchange, Queue

__all__ = [
    "CELERY_ACCEPT_CONTENT",
    "CELERY_BEAT_SCHEDULE",
    "CELERY_BEAT_SCHEDULER",
    "CELERY_BROKER_CONNECTION_MAX_RETRIES",
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP",
    "CELERY_BROKER_CONNECTION_TIMEOUT",
    "CELERY_BROKER_TRANSPORT_OPTIONS",
    "CELERY_ENABLE_UTC",
    "CELERY_RESULT_SERIALIZER",
    "CELERY_TASK_ACKS_LATE",
    "CELERY_TASK_CREATE_MISSING_QUEUES",
    "CELERY_TASK_DEFAULT_QUEUE",
    "CELERY_TASK_IGNORE_RESULT",
    "CELERY_TASK_PUBLISH_RETRY_POLICY",
    "CELERY_TASK_QUEUES",
    "CELERY_TASK_REJECT_ON_WORKER_LOST",
    "CELERY_TASK_ROUTES",
    "CELERY_TASK_SERIALIZER",
    "CELERY_TASK_SOFT_TIME_LIMIT",
    "CELERY_TASK_TIME_LIMIT",
    "CELERY_TIMEZONE",
    "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS",
    "CELERY_WORKER_PREFETCH_MULTIPLIER",
]

BEAT_INTERVAL_SECONDS: Final = 20.0
HOUR_SECONDS: Final = 3600.0
QUARTER_SECONDS: Final = 900.0

# JSON only: a message can carry numbers and words, never code.
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"

CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True

# A task is acknowledged after it ran, and runs again when its process died: tasks are idempotent.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# With late acknowledgement a multiplier of 1 means that a worker holds exactly what it is running.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True

# No code may depend on a result: what happened is in the database.
CELERY_TASK_IGNORE_RESULT = True

# The hard limit lies below the visibility timeout, so a message that comes back belonged to a dead worker.
CELERY_TASK_SOFT_TIME_LIMIT = 180
CELERY_TASK_TIME_LIMIT = 240
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 300,
    # The transport sweeps for lost messages every interval x throttle seconds; its default is 100 s.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 25,
}

# Workers wait for the broker for as long as it takes; a web request never does.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 5
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}

# Reminders have their own queue, so that a long export never delays an alert. Each queue states its routing
# key: without one Celery binds both to the same key, and every message arrives twice. A typing error in a
# queue's name fails when the message is sent instead of filling a queue that nobody reads.
_EXCHANGE = Exchange("cartpath", type="direct")
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = (
    Queue("default", _EXCHANGE, routing_key="default"),
    Queue("reminders", _EXCHANGE, routing_key="reminders"),
)
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {"cartpath.reminders.tasks.*": {"queue": "reminders"}}

CELERY_BEAT_SCHEDULER = "cartpath.beat:SingleScheduler"
# A message that waited a whole interval is replaced by the next one: no flood after an outage.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "reminders-tick": {
        "task": "cartpath.reminders.tasks.tick",
        "schedule": BEAT_INTERVAL_SECONDS,
        "options": {"expires": BEAT_INTERVAL_SECONDS},
    },
    "scheduler-heartbeat": {
        "task": "cartpath.reminders.tasks.heartbeat",
        "schedule": BEAT_INTERVAL_SECONDS,
        "options": {"expires": BEAT_INTERVAL_SECONDS},
    },
    "scheduling-tick": {
        "task": "leukapheresis.tasks.scheduling_tick",
        "schedule": BEAT_INTERVAL_SECONDS,
        "options": {"expires": BEAT_INTERVAL_SECONDS},
    },
    # Each center's pack is made once a night; asked for often, so that an hour without a worker loses none.
    "downtime-packs": {
        "task": "cartpath.papers.tasks.downtime_packs",
        "schedule": QUARTER_SECONDS,
        "options": {"expires": QUARTER_SECONDS},
    },
    "api-forget-answers": {
        "task": "cartpath.api.tasks.forget_answers",
        "schedule": HOUR_SECONDS,
        "options": {"expires": HOUR_SECONDS},
    },
}
