"""The functions a sandbox answers: each a parameter description and a handler.

A handler is a Python function taking the :class:`Call` and the described parameters by name; what it
returns travels to the caller. Registering one is all it takes to add a function::

    @function("core_group_delete_groups", takes="groupids: [int]")
    def delete_groups(call: Call, groupids: list[int]) -> None: ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matricula.sandbox.access import COURSE, Access, Place
from matricula.sandbox.refusals import Refusal, missing_record, refuse
from matricula.sandbox.shapes import Validator, compile_shape
from matricula.sandbox.state import Row, State
from matricula.sandbox.texts import format_string, format_text

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Function:
    """One web-service function: its name, its parameters by release, and what it does."""

    name: str
    validators: dict[str, Validator]
    handler: Handler
    whole: bool


FUNCTIONS: dict[str, Function] = {}
PLUGIN = "local_matricula_"
"""How the functions begin that a plugin of Matricula brings; a site without it does not know them."""


def functions_of(state: State) -> dict[str, Function]:
    """The functions that a site has."""
    if state.plugins:
        return FUNCTIONS
    return {name: each for name, each in FUNCTIONS.items() if not name.startswith(PLUGIN)}


def function(
    name: str, *, takes: str = "", takes_in_4_5: str | None = None, whole: bool = False
) -> Callable[[Handler], Handler]:
    """Registers a handler.

    Parameters:
        name: the web-service function.
        takes: its parameters, in the words of :mod:`matricula.sandbox.shapes`.
        takes_in_4_5: the same for Moodle 4.5 where it differs.
        whole: whether Moodle runs the call as one transaction (a bad row refuses all).
    """
    newest = compile_shape(takes)
    validators = {"5.1": newest, "4.5": newest if takes_in_4_5 is None else compile_shape(takes_in_4_5)}

    def register(handler: Handler) -> Handler:
        FUNCTIONS[name] = Function(name, validators, handler, whole)
        return handler

    return register


class Call:
    """One call under way: the site, the caller and the wishes that came with it.

    Parameters:
        state: the site.
        user: the caller's record.
        service: the id of the service the token belongs to.
        url: the site's own address.
        raw: whether texts leave as they are stored (``moodlewssettingraw``).
    """

    def __init__(self, state: State, user: Row, service: int, url: str, *, raw: bool = False) -> None:
        self.state = state
        self.user = user
        self.service = service
        self.url = url
        self.raw = raw
        self.access = Access(state, user)

    def string(self, text: str | None) -> str:
        """A one-line text as this caller gets it."""
        return (text or "") if self.raw else format_string(text)

    def text(self, text: str | None, kind: int) -> tuple[str, int]:
        """A long text and its format as this caller gets them."""
        return ((text or ""), kind) if self.raw else format_text(text, kind)

    def missing(self, table: str) -> Refusal:
        """The refusal for a record that must exist."""
        return missing_record(table, self.state.moodle)

    def course_place(self, course: int) -> Place | None:
        """The context of a course, or None where there is no such course."""
        found = self.state.value("SELECT 1 FROM course WHERE id = ?", course)
        return Place(COURSE, course) if found else None

    def enter_course(self, course: int, code: str = "errorcoursecontextnotvalid") -> Place:
        """Goes into a course; where that fails the refusal wraps the reason, as many functions do."""
        place = self.course_place(course)
        try:
            self.access.enter(place)
        except Refusal as reason:
            raise refuse(code, a=course, reason=reason.message) from None
        return Place(COURSE, course)


def active_user(call: Call, userid: int) -> Row:
    """A user on whom others may act: exists, not deleted, confirmed, not the guest.

    Source: ``core_user::get_user`` with MUST_EXIST, then ``require_active_user``.
    """
    user = call.state.record("user", userid)
    if user["deleted"]:
        raise refuse("userdeleted")
    if user["username"] == "guest":
        raise refuse("guestsarenotallowed")
    return user


def plain_format(kind: int) -> int:
    """A text format that Moodle knows (``util::validate_format``)."""
    if kind not in (0, 1, 2, 4):
        raise Refusal("core\\exception\\moodle_exception", "formatnotsupported", "webservice/formatnotsupported")
    return kind


def words(text: str) -> frozenset[str]:
    """A set of names, written as one text."""
    return frozenset(text.split())
