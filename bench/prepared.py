"""What a measurement starts from: a school's export, a home with documents, and if wanted a ledger."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench import processes
from bench.site import Site

PROFILE = "bench"
TOKEN_VARIABLE = "MATRICULA_BENCH_TOKEN"


@dataclass(frozen=True)
class Size:
    """How large a school is.

    Args:
        people: students and staff.
        classes: number of classes.
        enrolments: students' and teachers' together, about.
    """

    people: int
    classes: int
    enrolments: int

    def __str__(self) -> str:
        return f"{self.people:,} people, {self.classes:,} classes, {self.enrolments:,} enrolments"


@dataclass(frozen=True)
class Prepared:
    """A folder that a measurement can start from.

    Args:
        folder: holds everything.
        site: the site that the home's site document names.
    """

    folder: Path
    site: Site

    @property
    def roster(self) -> Path:
        """The OneRoster package."""
        return self.folder / "roster"

    @property
    def database(self) -> Path:
        """The state database."""
        return self.folder / "home" / "matricula.db"

    def matricula(self, *words: str, interpreter: tuple[str, ...] = ()) -> processes.Used:
        """Run a command of Matricula on this home.

        Args:
            words: the command and its arguments.
            interpreter: options of the Python interpreter.
        """
        command = (*interpreter, "-m", "matricula", "--home", str(self.folder / "home"), *words)
        return processes.run(command, {TOKEN_VARIABLE: self.site.token})


def prepare(folder: Path, site: Site, size: Size, ledger: Literal["fresh", "applied"], rules: str = "") -> Prepared:
    """Prepare a folder, in a process of its own.

    Args:
        folder: an empty one.
        site: the site, mostly a sandbox.
        size: how large the school is.
        ledger: whether it is empty, or as it is after everything has been applied.
        rules: more lines of the profile.
    """
    numbers = (str(size.people), str(size.classes), str(size.enrolments))
    processes.run(["-m", "bench.prepare", str(folder), site.url, *numbers, ledger, rules], {TOKEN_VARIABLE: site.token})
    return Prepared(folder, site)
