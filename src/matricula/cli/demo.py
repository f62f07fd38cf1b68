"""`matricula demo`: the main job on an invented school and a Moodle look-alike, told as it happens."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.apply_view import carry_out, left_over, print_applied
from matricula.cli.check import print_checks
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen, counted, duration
from matricula.errors import MatriculaError, UsageError
from matricula.hub import Home, Hub, Planned
from matricula.hub.plan_file import teller_for
from matricula.sandbox import Running, running
from matricula.sandbox.school import School

PROFILE = "default"

_DOCUMENTS = """\
kind: site
name: moodle
url: {url}
---
kind: source
name: school
type: oneroster-csv
path: {path}
---
kind: profile
name: default
source: school
site: moodle
"""


def demo(
    *,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number makes another school.")] = 2026,
    students: Annotated[
        int, typer.Option("--students", metavar="N", min=20, max=20_000, help="How many students it has.")
    ] = 600,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="Keep the demo's home, roster and Moodle in this new folder."),
    ] = None,
) -> None:
    """Show the whole job on an invented school.

    On an embedded Moodle look-alike: check, plan, apply; then a second school day: plan by name, apply, and a
    third plan, which must be empty. Takes less than a minute. Nothing outside
    a temporary folder is touched.

    Examples:
      matricula demo
      matricula demo --seed 7 --students 1500
    """
    screen = Screen()
    started = time.monotonic()
    with _folder(home) as folder, running("empty", database=_database(folder, keep=home is not None)) as site:
        school = School.generate(seed, students, max(5, students // 10), max(4, students * 80 // 600))
        _tell_of(screen, school, site)
        with Home.make(folder / "home") as made:
            made.load(_DOCUMENTS.format(url=site.url, path=_roster_of(folder, school)), "demo", folder)
            made.keep_token("moodle", site.tokens["admin"])
            hub = Hub(made)
            _check(screen, hub)
            _first_day(screen, hub)
            _second_day(screen, hub, school, folder)
            _third_plan(screen, hub)
    screen.line()
    screen.line(f"That was the whole job, in {duration(time.monotonic() - started)}.", "bold green")
    _what_next(screen, home)


def _tell_of(screen: Screen, school: School, site: Running) -> None:
    screen.line("Matricula: the roster of a school's information system, kept in its Moodle.", "bold")
    screen.line(
        f"The school is invented: {School.NAME}, {len(school.students):,} students, {len(school.staff):,} staff, "
        f"{len(school.classes):,} classes. The Moodle is a look-alike on this computer, {site.url}, and empty."
    )


def _check(screen: Screen, hub: Hub) -> None:
    _step(screen, "1. Is this Moodle ready?", "matricula check")
    checks = hub.check("moodle")
    print_checks(screen, checks)
    if any(check.state == "fail" for check in checks):
        raise MatriculaError("The sandbox is not ready.", remedy="This is a fault in matricula: report it.")


def _first_day(screen: Screen, hub: Hub) -> None:
    _step(screen, "2. What would change? Nothing is written by this.", "matricula plan")
    planned = _planned(screen, hub)
    _step(screen, "3. Write exactly that.", f"matricula apply {planned.number}")
    _applied(screen, hub, planned)


def _second_day(screen: Screen, hub: Hub, school: School, folder: Path) -> None:
    tomorrow, story = school.next_day()
    _step(screen, "4. A day later the school's system exports again. Since then:", "")
    for sentence in story:
        screen.line(f"- {sentence}", indent=2, hang=2)
    hub.home.load(_DOCUMENTS.format(url=hub.home.site("moodle").url, path=_roster_of(folder, tomorrow)), "demo", folder)
    _step(screen, "5. Only the difference is planned, by name.", "matricula plan")
    planned = _planned(screen, hub)
    _step(screen, "6. Write exactly that.", f"matricula apply {planned.number}")
    _applied(screen, hub, planned)


def _third_plan(screen: Screen, hub: Hub) -> None:
    _step(screen, "7. And again: there must be nothing left to do.", "matricula plan")
    planned = _planned(screen, hub)
    if planned.changes.height:
        raise MatriculaError(
            f"The third plan should be empty and has {counted(planned.changes.height, 'change')}.",
            where=f"plan {planned.number}",
            remedy="This is a fault in matricula: report it.",
            code="demo-not-empty",
        )


def _planned(screen: Screen, hub: Hub) -> Planned:
    planned = hub.plan(PROFILE, screen.status)
    print_plan(screen, planned, teller_for(hub.home, PROFILE), everything=False)
    return planned


def _applied(screen: Screen, hub: Hub, planned: Planned) -> None:
    applied = carry_out(hub, planned, "", screen)
    print_applied(screen, hub, planned, applied, everything=False)
    if left_over(hub, planned).height:
        raise MatriculaError("Some rows were refused.", remedy="This is a fault in matricula: report it.")


def _step(screen: Screen, title: str, command: str) -> None:
    screen.line()
    screen.line("─" * min(screen.console.width, 80), "dim")
    screen.line(title, "bold cyan")
    if command:
        screen.line(f"$ {command}", "dim")
    screen.line()


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    if home is None:
        with tempfile.TemporaryDirectory(prefix="matricula-demo-") as folder:
            yield Path(folder)
        return
    if home.exists() and any(home.iterdir()):
        raise UsageError(
            "The demo wants a folder of its own, and this one is not empty.",
            where=str(home),
            remedy="Name a new folder, or leave --home out.",
            code="demo-folder",
        )
    home.mkdir(parents=True, exist_ok=True)
    yield home.resolve()


def _database(folder: Path, *, keep: bool) -> str:
    return str(folder / "moodle.db") if keep else ":memory:"


def _roster_of(folder: Path, school: School) -> Path:
    path = folder / f"day-{school.day}"
    school.write(path)
    return path


def _what_next(screen: Screen, home: Path | None) -> None:
    if home is not None:
        screen.line(f"It is all kept in {home}. Look around: matricula --home {home / 'home'} history")
    screen.line("With your own Moodle:")
    for number, (command, what) in enumerate(_NEXT, 1):
        screen.line(f"{number}. {command}", "bold", indent=2)
        screen.line(what, indent=5)


_NEXT = (
    ("matricula check --functions", "what to add to a web service in Moodle; then make a token for it"),
    ("matricula init", "asks for the address, the token and the folder of your OneRoster files"),
    ("matricula check", "tells what is still missing in Moodle"),
    ("matricula plan", "shows by name what would change; nothing is written"),
    ("matricula apply 1", "writes exactly that"),
)
