"""Roles: given, taken away, and which of them the token's user may give."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict

from matricula.moodle.errors import Refused
from matricula.moodle.family import Family

_ASSIGN = "core_role_assign_roles"
_UNASSIGN = "core_role_unassign_roles"
_ENROL = "enrol_manual_enrol_users"
_SITE_COURSE = 1
_NOBODY = 0


class Assignment(TypedDict):
    """A role of a user somewhere; `instanceid` is the course's or category's id, 0 for the whole site."""

    roleid: int
    userid: int
    contextlevel: Literal["system", "coursecat", "course", "user", "module"]
    instanceid: int


class Roles(Family):
    """Calls about roles."""

    def assign(self, rows: Sequence[Assignment]) -> None:
        """Gives roles in one call, all or none (`core_role_assign_roles`). Giving one again is no error.

        Raises:
            Refused: a role cannot be given there; nothing was written.
            MoodleError: one of the tree.
        """
        if rows:
            self._moodle.write(_ASSIGN, {"assignments": rows})

    def unassign(self, rows: Sequence[Assignment]) -> None:
        """Takes roles away in one call, all or none (`core_role_unassign_roles`).

        Raises:
            Refused: a role cannot be taken away there; nothing was written.
            MoodleError: one of the tree.
        """
        if rows:
            self._moodle.write(_UNASSIGN, {"unassignments": rows})

    def assignable(self, role_ids: Iterable[int]) -> set[int]:
        """Which roles the token's user may give in courses, learnt without writing anything.

        No function tells. So the token's user is offered each role by `enrol_manual_enrol_users` in the
        site's front page, which takes no enrolments: Moodle checks the role first (`wsusercannotassign`)
        and only then finds no enrolment method (`wsnoinstance`). A second row names a user that does not
        exist, so that even a front page with such a method would take the whole call back.

        Args:
            role_ids: roles to ask about, one call each.

        Raises:
            Refused: Moodle gave another reason, from which nothing can be learnt.
            AccessRefused: the token's user may not enrol (enrol/manual:enrol) on the whole site.
            MoodleError: one of the tree.
        """
        own = self._moodle.site().user_id
        return {role for role in dict.fromkeys(role_ids) if self._may_assign(role, own)}

    def _may_assign(self, role_id: int, own: int) -> bool:
        rows = [{"roleid": role_id, "userid": user, "courseid": _SITE_COURSE} for user in (own, _NOBODY)]
        try:
            self._moodle.write(_ENROL, {"enrolments": rows})
        except Refused as refusal:
            if refusal.errorcode in {"wsnoinstance", "invaliduser", "invalidrecord", "invalidrecordunknown"}:
                return True
            if refusal.errorcode == "wsusercannotassign":
                return False
            raise
        return True
