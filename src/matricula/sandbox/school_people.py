"""Students, staff and parents of an invented school."""

from collections.abc import Sequence
from dataclasses import replace

from matricula.sandbox.school_names import NameGiver
from matricula.sandbox.school_records import Person, Role
from matricula.sandbox.school_timetable import Form

DOMAIN = "riverside.example"
HOME_DOMAIN = "home.example"
FIRST_STUDENT = 100_001
FIRST_STAFF = 2_001
STUDENTS_PER_PARENT = 25
SMALLEST_WITH_ODDITIES = 10


def new_student(names: NameGiver, name: tuple[str, str], number: int, form: str, year_group: int) -> Person:
    """Make one student.

    Args:
        names: gives the user name.
        name: given and family name.
        number: on the student's card; the sourcedId is made of it.
        form: `7B`.
        year_group: 7 to 13.
    """
    username = names.username(*name)
    email = f"{username}@{DOMAIN}"
    return Person(f"stu-{number}", "student", *name, username, email, str(number), year_group=year_group, form=form)


def all_students(names: NameGiver, forms: Sequence[Form]) -> list[Person]:
    """Make the students of all forms, with a few oddities in a school of some size."""
    students: list[Person] = []
    count = forms[-1].end
    for form in forms:
        for i in range(form.first, form.end):
            namesake = count >= SMALLEST_WITH_ODDITIES and i == count * 4 // 5
            name = (students[count // 5].given, students[count // 5].family) if namesake else names.name()
            students.append(new_student(names, name, FIRST_STUDENT + i, form.name, form.year_group))
    if count >= SMALLEST_WITH_ODDITIES:
        shouting, silent = students[count // 3], students[count // 2]
        students[count // 3] = replace(shouting, username=shouting.username.title())
        students[count // 2] = replace(silent, email="")
    return students


def all_staff(names: NameGiver, count: int) -> list[Person]:
    """Make the staff: at least one teacher, then one in ten an administrator and one in ten an aide."""
    others = count // 10
    shares: tuple[tuple[Role, int], ...] = (
        ("administrator", others),
        ("aide", others),
        ("teacher", count - 2 * others),
    )
    roles = [role for role, share in shares for _ in range(share)]
    staff = []
    for i, role in enumerate(roles):
        name = names.name()
        username = names.username(*name)
        number = FIRST_STAFF + i
        staff.append(Person(f"stf-{number}", role, *name, username, f"{username}@{DOMAIN}", f"P{number}"))
    return staff


def with_parents(names: NameGiver, students: Sequence[Person]) -> tuple[list[Person], list[Person]]:
    """Give a few students parents with accounts, every third of them two.

    Returns:
        All students, now naming their parents, and the parents.
    """
    children = list(students)
    parents: list[Person] = []
    for turn, i in enumerate(range(STUDENTS_PER_PARENT // 2, len(children), STUDENTS_PER_PARENT)):
        child = children[i]
        own = [_parent(names, child, side) for side in range(2 if turn % 3 == 0 else 1)]
        children[i] = replace(child, agents=tuple(parent.sourced_id for parent in own))
        parents += own
    return children, parents


def _parent(names: NameGiver, child: Person, side: int) -> Person:
    given, _ = names.name()
    username = names.username(given, child.family)
    return Person(
        sourced_id=f"par-{child.identifier}-{side + 1}",
        role="parent",
        given=given,
        family=child.family,
        username=username,
        email=f"{username}@{HOME_DOMAIN}",
        agents=(child.sourced_id,),
    )
