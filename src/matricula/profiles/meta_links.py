"""Meta-links: which long-lived courses take the enrolments of which synchronised ones."""

import json

import polars as pl

from matricula.profiles.categories import UNSORTED
from matricula.profiles.conditions import meets
from matricula.profiles.documents import MetaLink, Profile
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.profiles.fields import properties, text_of
from matricula.profiles.parts import Part
from matricula.profiles.vocabulary import CLASSES

#: Stands before the short name of a long-lived course in its key.
LONG_LIVED = "meta:"
_LINKED = pl.lit('{"linked":true}').alias("fields")
_SCHEMA = {"key": pl.String, "name": pl.String, "title": pl.String, "fields": pl.String, "line": pl.Int64}


def names_in_meta_links(profile: Profile) -> tuple[str, ...]:
    """The properties that a profile's conditions on classes name."""
    return properties(*(link.classes.value for link in profile.meta_links))


def desire_meta_links(classes: pl.DataFrame, courses: Part, profile: Profile) -> Part:
    """Links from long-lived courses to those of the classes that meet their conditions.

    Args:
        classes: what `class_frame.classes` gave, with the properties of `names_in_meta_links`.
        courses: the courses wanted.
        profile: the profile; its meta-links and its tables.

    Returns:
        Rows with `key` (that of the long-lived course and that of the other), `name`, `title`, `fields`, `line`. A
        course is linked as soon as one class that leads to it meets the condition.
    """
    titles = courses.frame.select(course="key", title="name")
    found = [
        classes.filter(meets(text_of(link.classes.value, CLASSES, profile), link.classes))
        .select("course")
        .unique()
        .join(titles, on="course")
        .select(
            _LINKED,
            "title",
            key=pl.concat_str(pl.lit(LONG_LIVED + link.shortname), "course", separator=SEPARATOR),
            name=pl.concat_str(pl.lit(f"{link.fullname or link.shortname} from "), "title"),
            line=pl.lit(None, pl.Int64),
        )
        .select(*_SCHEMA)
        for link in profile.meta_links
    ]
    return Part(pl.concat([pl.DataFrame(schema=_SCHEMA), *found]).unique("key", keep="first", maintain_order=True))


def with_long_lived(courses: Part, profile: Profile) -> Part:
    """The courses with those that take the enrolments of others.

    Args:
        courses: the courses of classes.
        profile: the profile; its meta-links.

    Returns:
        rows more, with an empty `fullname` where the profile names none: such a course is not made. New ones stand in
        the category for unsorted courses, which is where they are found to be moved by hand.
    """
    links = {link.shortname: link for link in reversed(profile.meta_links)}
    rows = [
        {
            "key": LONG_LIVED + link.shortname,
            "name": link.fullname or link.shortname,
            "fullname": link.fullname or "",
            "shortname": link.shortname,
            "idnumber": "",
            "category": UNSORTED,
            "template": "",
            "fields": _fields_of(link),
            "line": None,
        }
        for link in links.values()
    ]
    if not rows:
        return courses
    frame = pl.DataFrame(rows, schema=courses.frame.schema)
    return Part(pl.concat([courses.frame, frame]), courses.findings, courses.held)


def _fields_of(link: MetaLink) -> str:
    fields = {"fullname": link.fullname, "shortname": link.shortname, "idnumber": "", "visible": 1}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
