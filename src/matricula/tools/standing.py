"""Looking how a connection with a tool and its mappings stand; nothing is written to the tool or to Moodle."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from matricula.errors import MatriculaError
from matricula.moodle import Moodle
from matricula.store import Store, ToolStanding
from matricula.store.tools import MappingState
from matricula.tools.protocol import Tool, ToolCourse


def check(
    store: Store,
    name: str,
    opened: Callable[[], AbstractContextManager[Tool]],
    site: str,
    opened_site: Callable[[], AbstractContextManager[Moodle]],
) -> ToolStanding:
    """Try a connection, look whether the mapped courses are there, and note what was seen.

    A mapping survives that one of its courses goes and comes back: it says meanwhile what is missing.

    Args:
        store: the state.
        name: the tool's name.
        opened: opens the tool.
        site: the site's name.
        opened_site: opens the site; asked only where courses are mapped.

    Returns:
        how the connection stands; what is wrong is told in it and not raised.
    """
    try:
        with opened() as tool:
            instance = tool.instance()
            there = {each.id: each for each in tool.courses()} if store.tools.count(name) else {}
    except MatriculaError as error:
        return store.tools.stand(name, "wrong", f"{error.what} {error.remedy}".strip())
    told = ""
    try:
        _mappings(store, name, there, site, opened_site, enables=tool.abilities.enables_courses)
    except MatriculaError as error:
        told = f"The site could not be asked for its courses: {error.what}"
    if not instance.enabled:
        told = "The tool does not let a learning platform keep its courses (lmsEnabled). Have that enabled there."
    return store.tools.stand(name, "wrong" if told else "ok", told, instance=instance.id, display=instance.name)


def _mappings(
    store: Store,
    name: str,
    there: dict[str, ToolCourse],
    site: str,
    opened_site: Callable[[], AbstractContextManager[Moodle]],
    *,
    enables: bool,
) -> None:
    mappings = store.tools.mappings(name)
    if not mappings:
        return
    with opened_site() as moodle:
        wanted = [each.course for each in mappings if each.site == site]  # the tool's document may name another by now
        courses = {(site, each.id): each for each in moodle.courses.by_ids(wanted)}
    for each in mappings:
        ours, theirs = courses.get((each.site, each.course)), there.get(each.remote)
        state, message = _state(theirs, here=ours is not None, enables=enables)
        store.tools.saw(
            each.id,
            state,
            message,
            course_name=ours.fullname if ours else None,
            remote_name=theirs.name if theirs else None,
        )


def _state(theirs: ToolCourse | None, *, here: bool, enables: bool) -> tuple[MappingState, str]:
    if theirs is None:
        return "tool-course-gone", "The tool's course is not there, or no longer."
    if not here:
        return "course-gone", "Moodle's course is not there, or cannot be seen."
    if enables and not theirs.enabled:
        return "disabled", "The tool's course is not enabled for a learning platform (lmsEnabled)."
    return "ok", ""
