"""Ctrl-C and SIGTERM: a run finishes the calls under way and stops cleanly."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from matricula.applying.progress import StopAsked

_TOLD = b"\nStopping once the calls under way are answered. Again to break off at once; nothing is lost then either.\n"
_STANDARD_ERROR = 2


@contextmanager
def stop_on_signals() -> Iterator[StopAsked]:
    """What is set by the first Ctrl-C or SIGTERM; a second one does what it does elsewhere."""
    stop = StopAsked()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def give_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        give_back()
        os.write(_STANDARD_ERROR, _TOLD)

    for number in before:
        signal.signal(number, asked)
    try:
        yield stop
    finally:
        give_back()
