"""Runs a program that may not outlive its parent, and may not be root.

Called as a script: `python -I -S guard.py PARENT_PID DEATH_SIGNAL USER PROGRAM ARGUMENT...`. It prepares its
own process and then becomes the program, so that no code runs between fork and exec in a process that has
threads. USER is `same`, `namespace` (root appears as nobody, and files stay root's) or `nobody`.
"""

import ctypes
import os
import pwd
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY_ID = 65534


def main() -> None:
    """Give up root's rights, tie this process to its parent, become the program."""
    parent, death_signal, user, *command = sys.argv[1:]
    if user == "namespace":
        _enter_user_namespace()
    elif user == "nobody":
        _become_nobody()
    # After the change of user: the kernel forgets the death signal when credentials change.
    stop_with_parent(int(parent), int(death_signal))
    os.execv(command[0], command)


def stop_with_parent(parent: int, death_signal: int) -> None:
    """Ask the kernel for a signal at the parent's death (Linux); end now when it has died already."""
    if sys.platform == "linux":
        _call("prctl", PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("The process that asked for this one has already ended.")


def _enter_user_namespace() -> None:
    """Appear as nobody without being nobody: root's own folders stay readable, and files stay root's."""
    _call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{NOBODY_ID} 0 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{NOBODY_ID} 0 1", encoding="ascii")


def _become_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def _call(function: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
