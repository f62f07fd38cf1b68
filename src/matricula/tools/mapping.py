"""Which course of Moodle is kept together with which course of a tool: choosing them, mapping, unmapping."""

from collections.abc import Sequence

from matricula.errors import UsageError
from matricula.moodle import Course, Moodle
from matricula.store import CourseMapping, Store
from matricula.tools.protocol import Tool, ToolCourse

_NAMED = 5


def map_courses(
    store: Store, tool: Tool, moodle: Moodle, *, name: str, site: str, remote: str, course: str, by: str
) -> CourseMapping:
    """Keep two courses together from now on; the tool's is enabled for that.

    Args:
        store: the state.
        tool: the tool.
        moodle: the site.
        name: the tool's name.
        site: the site's name.
        remote: the tool's course, by id, code or a text that only its name has.
        course: the course of Moodle, by id, short name or a text that only its name has.
        by: who wants it.

    Raises:
        UsageError: either is unknown, not unique, or mapped to another one.
        MatriculaError: as `Tool.enable` and the site.
    """
    theirs, ours = remote_course(tool, remote, name), local_course(moodle, course, site)
    taken = [each for each in store.tools.mappings(name) if each.remote == theirs.id or each.course == ours.id]
    for each in taken:
        raise UsageError(
            f"{each.course_name} and {each.remote_name} are mapped already.",
            where=f"tool {name}",
            remedy=f"Take that back with `matricula tool unmap {name} {each.course}`. One course is mapped to one.",
            code="tool-mapped",
        )
    if tool.abilities.enables_courses and not theirs.enabled:
        tool.enable(theirs.id)
    return store.tools.map(name, theirs.id, theirs.name, site, ours.id, ours.fullname, by)


def remote_course(tool: Tool, wanted: str, name: str) -> ToolCourse:
    """The one course of a tool that is meant by an id, a code or a text of its name.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = tool.courses(wanted)
    word = wanted.casefold().strip()
    for exact in (
        [each for each in found if each.id == wanted.strip()],
        [each for each in found if each.code.casefold() == word],
        [each for each in found if each.name.casefold() == word],
    ):
        if len(exact) == 1:
            return exact[0]
    told = [f"{each.name} ({each.id})" for each in found]
    if len(found) != 1:
        raise _unclear(wanted, told, f"tool {name}", f"`matricula tool courses {name}`")
    return found[0]


def local_course(moodle: Moodle, wanted: str, site: str) -> Course:
    """The one course of a site that is meant by an id, a short name, an ID number or a text of its name.

    Raises:
        UsageError: there is none, or more than one.
    """
    word = wanted.strip()
    found = moodle.courses.find("id", int(word)) if word.isdecimal() else []
    found = found or moodle.courses.find("shortname", word) or moodle.courses.find("idnumber", word)
    if not found:
        found = [
            each for each in moodle.courses.all() if word.casefold() in f"{each.fullname}\n{each.shortname}".casefold()
        ]
    if len(found) != 1:
        told = [f"{each.fullname} ({each.id})" for each in found]
        raise _unclear(wanted, told, f"site {site}", "the site's list of courses")
    return found[0]


def mapping_of(store: Store, tool: str, course: str) -> CourseMapping:
    """The mapping of a tool that is meant by the id or the name of the course in Moodle, or the tool's.

    Raises:
        UsageError: there is none, or more than one.
    """
    word = course.casefold().strip()
    there = store.tools.mappings(tool)
    found = [each for each in there if word in (str(each.course), each.remote)]
    found = [each for each in there if str(each.course) == word] or found
    found = found or [each for each in there if word in f"{each.course_name}\n{each.remote_name}".casefold()]
    if len(found) != 1:
        told = [f"{each.course_name} ({each.course})" for each in found or there]
        raise UsageError(
            f"“{course}” stands for no mapped course." if not found else f"“{course}” stands for several courses.",
            where=f"tool {tool}",
            remedy=f"Mapped are: {_listed(told)}." if told else f"None is mapped yet: `matricula tool map {tool}`.",
            code="tool-mapping-unknown" if not found else "tool-mapping-unclear",
        )
    return found[0]


def _unclear(wanted: str, found: Sequence[str], where: str, listed_by: str) -> UsageError:
    if not found:
        return UsageError(
            f"There is no course “{wanted}”.", where=where, remedy=f"See {listed_by}.", code="tool-course-unknown"
        )
    return UsageError(
        f"“{wanted}” stands for {len(found)} courses.",
        where=where,
        remedy=f"Name one by its id: {_listed(found)}.",
        code="tool-course-unclear",
    )


def _listed(told: Sequence[str]) -> str:
    return ", ".join(told[:_NAMED]) + (", …" if len(told) > _NAMED else "")
