"""`matricula learning`: what gradebooks and activities of a site hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, SiteName, open_hub, the_one
from matricula.cli.screen import Screen, counted, moment
from matricula.grades.reading import Reading
from matricula.hub.learning import read_site
from matricula.hub.learning_shown import shown

_TOTALS = {"course": "Course total", "category": "Category total"}


def read(
    site: SiteName = None,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Read every gradebook, whether anything tells of a change in it or not.")
    ] = False,
    contents: Annotated[bool, typer.Option("--contents", help="Read modules and links of the courses, too.")] = False,
    course: Annotated[
        list[str] | None,
        typer.Option(
            "--course",
            metavar="COURSE",
            help="Only this course, by Moodle's id, sourcedId, short name, ID number or name; may be given several "
            "times.",
        ),
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Read grades, submissions, assignments, quizzes and lessons of a site; write nothing there.

    By default of all courses that the profiles of the site keep in step: those
    in which something changed, those never read, and a share of the others.

    Examples:
      matricula learning read
      matricula learning read moodle --full
      matricula learning read moodle --course 9A-MATH --contents --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        reading = read_site(hub, name, screen.status, full=full, contents=contents, courses=course or ())
    if as_json:
        screen.json(reading_as_json(name, reading))
        return
    screen.line(
        f"{counted(len(reading.gradebooks), 'gradebook')} of {counted(reading.courses, 'course')} read: "
        f"{counted(reading.changed, 'grade')} and {counted(reading.submissions, 'submission')} new or changed."
    )
    for finding in reading.findings:
        screen.line(str(finding), "yellow" if finding.severity == "warning" else "red", indent=2, hang=2)


def show(
    site: SiteName = None,
    *,
    course: Annotated[str | None, typer.Option("--course", metavar="COURSE", help="Only this course.")] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="PERSON",
            help="Only this person, by Moodle's id, sourcedId, user name, e-mail or full name.",
        ),
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Show learning data as it was last read: items with categories and weights, grades, submissions.

    Examples:
      matricula learning show
      matricula learning show --course 9A-MATH
      matricula learning show --person "Ann Lee" --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        found = shown(hub, name, course, person)
    if as_json:
        screen.json({"site": name, "courses": found})
        return
    for each in found:
        _print(screen, each, of_person=person is not None)
    if not found:
        screen.line("Nothing is known. `matricula learning read` reads it.")


learning = {"read": read, "show": show}
"""The commands under `matricula learning`."""


def reading_as_json(site: str, reading: Reading) -> dict[str, Any]:
    """What a reading came to, for machines."""
    plain = ("courses", "gradebooks", "contents", "changed", "submissions")
    return {"site": site} | {name: getattr(reading, name) for name in plain} | {"findings": reading.findings}


def _print(screen: Screen, course: Mapping[str, Any], *, of_person: bool) -> None:
    read_at = f"read {moment(course['grades_at'])}" if course["grades_at"] else "never read"
    screen.line(f"{course['name']} ({course['course']}), {read_at}", "bold", hang=2)
    categories = {each["category"]: each["name"] for each in course["categories"]}
    grades = [grade | {"person": person} for person in course["people"] for grade in person["grades"]]
    if of_person:
        names = {each["item"]: _title(each, categories) for each in course["items"]}
        rows = [(names.get(each["item"], each["item"]), _told(each), _marks(each)) for each in grades]
        screen.table(("item", "grade", ""), rows)
    else:
        states = Counter((each["item"], each["state"]) for each in grades)
        screen.table(
            ("item", "category", "weight", "maximum", "graded", "none", "excused"),
            [_item(each, categories, states) for each in course["items"]],
            numbers=("weight", "maximum", "graded", "none", "excused"),
        )
    if course["submissions"]:
        told = Counter(each["status"] for each in course["submissions"])
        screen.line("Submissions: " + ", ".join(f"{number} {status}" for status, number in sorted(told.items())), "dim")
    screen.line()


def _item(each: Mapping[str, Any], categories: Mapping[int, str], states: Mapping[Any, int]) -> Sequence[object]:
    weight = "" if each["weight"] is None else f"{each['weight']:.1f} %"
    most = "" if each["maximum"] is None else f"{each['maximum']:g}"
    counts = (states.get((each["item"], state), 0) for state in ("graded", "none", "excused"))
    return (_title(each, categories), categories.get(each["category"], ""), weight, most, *counts)


def _title(each: Mapping[str, Any], categories: Mapping[int, str]) -> str:
    name = each["name"] or _TOTALS.get(each["kind"], "")
    return f"{name}: {categories.get(each['instance'], '')}" if each["kind"] == "category" else name


def _told(grade: Mapping[str, Any]) -> str:
    return {"none": "no grade", "excused": "excused"}.get(grade["state"]) or grade["shown"]


def _marks(grade: Mapping[str, Any]) -> str:
    return ", ".join(name for name in ("hidden", "locked", "overridden", "former") if grade[name])
