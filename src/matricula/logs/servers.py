"""What the libraries of a service log, as events: of what kind and where, not in their own words, which hold values."""

import logging
from pathlib import Path
from typing import Final

import matricula
from matricula import logs

LOGGERS: Final = ("uvicorn", "uvicorn.error", "procrastinate", "asyncio", "alembic")
"""Those of whose warnings and errors events are made."""
_PACKAGE: Final = Path(matricula.__file__).parent


class _Events(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        told = {"level": record.levelname.lower(), "place": f"{record.module}:{record.lineno}"}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told |= {"kind": type(error).__name__, "place": place_of(error) or told["place"]}
        logs.event(f"{record.name.partition('.')[0]} {record.levelname.lower()}", **told)


def listen() -> None:
    """Make events of what these libraries warn of, and let nothing of it go anywhere else."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [_Events()]
        logger.propagate = False
        logger.setLevel(logging.WARNING)


def place_of(error: BaseException) -> str:
    """Where in this package an error came from, as `web.app:120`; empty where it came from elsewhere."""
    found, trace = "", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            found = f"{'.'.join(path.relative_to(_PACKAGE).with_suffix('').parts)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
