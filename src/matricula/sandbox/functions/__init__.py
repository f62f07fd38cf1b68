"""The web-service functions a sandbox answers, one module per family; importing them registers them."""

from matricula.sandbox.functions import (
    categories,
    course_reading,
    courses,
    enrolments,
    enrolment_reading,
    site,
    users,
)

__all__ = [
    "categories",
    "course_reading",
    "courses",
    "enrolment_reading",
    "enrolments",
    "site",
    "users",
]
