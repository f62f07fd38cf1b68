"""Which groups and groupings are on the site: Moodle refuses to tell of courses and groups that are not there."""

from collections.abc import Callable, Iterable, Mapping

from matricula.moodle import Group
from matricula.planning.ground import Ground
from matricula.profiles.enrolment_frame import SEPARATOR


def groups_there(ground: Ground, groups: Mapping[str, int]) -> dict[str, Group]:
    """Of groups, Moodle ids by key, those that are on the site."""
    return _standing(ground, groups, ground.moodle.groups.of_courses)


def groupings_there(ground: Ground, groupings: Mapping[str, int]) -> dict[str, Group]:
    """Of groupings, Moodle ids by key, those that are on the site."""
    return _standing(ground, groupings, ground.moodle.groups.groupings_of_courses)


def in_courses(
    ground: Ground, courses: Mapping[str, int], read: Callable[[Iterable[int]], Mapping[int, list[Group]]]
) -> dict[str, list[Group]]:
    """What courses hold, by their keys; courses that are not on the site are left out.

    Args:
        ground: where to look things up.
        courses: Moodle ids by key.
        read: gives the groups or groupings of many courses.
    """
    if not courses:
        return {}
    ground.say(f"reading the groups of {len(courses)} courses")
    there = {course.id for course in ground.moodle.courses.by_ids(courses.values())}
    found = read(there)
    return {key: found[number] for key, number in courses.items() if number in there}


def _standing(
    ground: Ground, records: Mapping[str, int], read: Callable[[Iterable[int]], Mapping[int, list[Group]]]
) -> dict[str, Group]:
    if not records:
        return {}
    courses = ground.ids("course", {key.split(SEPARATOR, 1)[0] for key in records})
    held = in_courses(ground, courses, read)
    # A group with the id in another course is another group.
    by_id = {(course, group.id): group for course, groups in held.items() for group in groups}
    places = {key: (key.split(SEPARATOR, 1)[0], number) for key, number in records.items()}
    return {key: by_id[place] for key, place in places.items() if place in by_id}
