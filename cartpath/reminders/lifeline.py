"""Time for a last message when a worker is killed.

A mail server accepts a message whether or not the sender lives to note it. Celery lets a worker's pool
processes die in the instant the worker is killed, so a `kill -9` would leave the message on the wire unnoted
nearly every second time, and it would be sent again. While it sends, the pool process therefore holds that
signal back, finishes the one message, and then dies as it was meant to.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

# From linux/prctl.h: the signal a process gets when its parent dies.
_SET_DEATH_SIGNAL: Final = 1
_GET_DEATH_SIGNAL: Final = 2


@contextmanager
def outliving_the_parent() -> Iterator[Callable[[], bool]]:
    """Hold back the signal that comes with the parent's death; yields a question: does the parent live?

    Whoever asks for it stops soon after the answer is no. On leaving, a signal that was held back is
    delivered. Only Linux has such a signal; elsewhere nothing is held back.
    """
    parent, held_back = os.getppid(), _death_signal()
    _set_death_signal(0)
    try:
        yield lambda: os.getppid() == parent
    finally:
        _set_death_signal(held_back)
        if held_back and os.getppid() != parent:
            os.kill(os.getpid(), held_back)


def _death_signal() -> int:
    if sys.platform != "linux":
        return 0
    signal = ctypes.c_int()
    ctypes.CDLL(None).prctl(_GET_DEATH_SIGNAL, ctypes.byref(signal))
    return signal.value


def _set_death_signal(signal: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, ctypes.c_int(signal))
