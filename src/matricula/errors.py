"""The error tree, by what a person or a run does next.

Every message says what was wrong, where, and what to do about it. A caller that only wants to know how to go
on catches one of the four classes below `MatriculaError`; the exit status of the command line follows them.
"""


class MatriculaError(Exception):
    """Base of all errors that Matricula raises on purpose.

    Args:
        what: what was wrong, in one sentence.
        where: file, line and column, setting, address or record concerned; empty where there is none.
        remedy: the setting or step that mends it.
        code: stable short name for machines, for example `token-refused`.
    """

    exit_status = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy
        self.code = code or type(self).__name__.removesuffix("Error").lower()

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{advice}"


class RowError(MatriculaError):
    """One record is wrong; all others can go on. Mend the row in the source."""


class SettingError(MatriculaError):
    """A setting is wrong or missing. Mend it (the message names it) and start again."""


class WaitError(MatriculaError):
    """Nothing is wrong that time does not mend: the site is busy, in maintenance or out of reach."""


class StopError(MatriculaError):
    """Going on could do harm or makes no sense. A person must look before anything else is done."""


class HeldError(StopError):
    """A plan waits for a person's word. The remedy holds the exact command that releases it."""

    exit_status = 3


class UsageError(MatriculaError):
    """The command was called with something it cannot take."""

    exit_status = 2
