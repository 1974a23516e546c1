"""Programs that are started as a separate process and then killed, to see what they leave behind."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cartpath.embedded.process import remove_runtime_folder, running_program, wait_until

SERVER_PARENT = """
import sys, time
from pathlib import Path
from cartpath.embedded.{module} import {name}
server = {name}(Path(sys.argv[1]))
server.start()
print(server.process.pid, flush=True)
time.sleep(60)
"""


@contextmanager
def killed_parent_of(module: str, name: str, folder: Path) -> Iterator[int]:
    """The process number of a server whose parent has just been killed with SIGKILL."""
    code = SERVER_PARENT.format(module=module, name=name)
    parent = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
    finally:
        parent.kill()
        parent.communicate()
    yield server
    remove_runtime_folder(folder)


def ends_within(pid: int, seconds: float) -> bool:
    """Whether a process that is nobody's child any more ends in time."""
    return wait_until(lambda: running_program(pid) is None, seconds)
