"""How documents name OneRoster's roles, those of enrolments with the extensions that schools use."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from matricula.roster.tables import ENROLLMENTS, EXTENSION_PREFIX, Table

Roles = TypeVar("Roles", tuple[str, ...], dict[str, str])

#: Kinds of teachers that schools name and OneRoster does not: they come as extensions of its list of roles.
TEACHER_KINDS = ("supervisor", "second-supervisor", "assistant", "special-associate", "mentor")
#: The main teacher of a class and the others, by the column `primary` of enrolments.
TEACHER_RANKS = ("teacher:primary", "teacher:secondary")


def roles_of(table: Table, also: tuple[str, ...] = ()) -> AfterValidator:
    """Checks that the roles named are OneRoster's for a table, or extensions of it.

    Args:
        table: the table that has them.
        also: names that a profile may use beside them.
    """
    known = next(column.values for column in table.columns if column.name == "role")
    names = (*(known.everywhere() if known else ()), *also)

    def checked(roles: Roles) -> Roles:
        unknown = [role for role in roles if role not in names and not role.startswith(EXTENSION_PREFIX)]
        if unknown:
            raise ValueError(
                f"OneRoster knows no role {', '.join(unknown)}; known are {', '.join(names)}, and those that begin "
                f"with {EXTENSION_PREFIX}"
            )
        return roles

    return AfterValidator(checked)


def _extended(came: Any) -> Any:
    """`mentor: teacher` stands for `ext:mentor: teacher`, and roles may be given by id."""
    if isinstance(came, list | tuple):
        return tuple(map(_full, came))
    if not isinstance(came, dict):
        return came
    return {
        _full(name): str(role) if isinstance(role, int) and not isinstance(role, bool) else role
        for name, role in came.items()
    }


def _full(name: Any) -> Any:
    return f"{EXTENSION_PREFIX}{name}" if name in TEACHER_KINDS else name


_KNOWN = roles_of(ENROLLMENTS, TEACHER_RANKS)

#: Moodle role by OneRoster role.
EnrolmentRoles = Annotated[dict[str, Annotated[str, Field(min_length=1)]], BeforeValidator(_extended), _KNOWN]
#: Some of the roles that enrolments have.
EnrolmentRoleNames = Annotated[tuple[str, ...], BeforeValidator(_extended), _KNOWN]
