"""A pool process whose parent is killed finishes what it has begun, and no more."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cartpath.reminders.lifeline import outliving_the_parent

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has a signal for a parent's death"
)

# A parent that waits, and a child that dies with it, as Celery arranges it, but for the block it is in.
PARENT = """
import os, sys, time
from celery.platforms import set_pdeathsig
from cartpath.reminders.lifeline import outliving_the_parent

if os.fork():
    time.sleep(60)
set_pdeathsig("SIGKILL")
with outliving_the_parent() as parent_lives:
    print(os.getpid(), flush=True)
    while parent_lives():
        time.sleep(0.01)
    open(sys.argv[1], "w").write("finished")
open(sys.argv[1], "w").write("went on")
"""


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_last_act_is_finished_and_nothing_after_it_is_begun(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(mark)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(child)
    assert mark.read_text() == "finished"


def test_while_the_parent_lives_nothing_changes() -> None:
    with outliving_the_parent() as parent_lives:
        assert parent_lives()
