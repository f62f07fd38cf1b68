"""A state, a tool that is served and two mapped courses, to apply previews on; and people of a course."""

import json
from dataclasses import dataclass

from hypothesis import strategies as st

from matricula.store import CourseMapping, Store
from matricula.tools import Tool
from matricula.tools.applying import Applied, apply_roster
from matricula.tools.inviting import Invitations
from matricula.tools.people import LocalPerson
from matricula.tools.roster import RosterRules, compare

PEOPLE = st.lists(
    st.builds(
        LocalPerson,
        user=st.integers(1, 6),
        email=st.sampled_from(["", *(f"{each}@x.example" for each in "abcdef"), "A@X.example"]),
        given=st.sampled_from(["Ann", "Bo"]),
        family=st.sampled_from(["Lee", "Ray"]),
        number=st.sampled_from(["", "1"]),
        section=st.sampled_from(["", "7a"]),
        suspended=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: each.user,
)


@dataclass
class Desk:
    store: Store
    running: object
    tool: Tool
    mapping: CourseMapping
    rules: RosterRules
    invitations: Invitations | None = None

    @property
    def course(self):
        return int(self.mapping.remote)

    def preview(self, people):
        known = {each.student: each.user for each in self.store.tools.students("kura", self.mapping.remote).values()}
        active = self.tool.students(self.mapping.remote)
        deleted = self.tool.students(self.mapping.remote, deleted=True)
        changes, findings = compare(people, active, deleted, known, self.rules)
        told = [vars(each) for each in findings]
        return self.store.tool_previews.add(self.mapping.id, "roster", [each.stored() for each in changes], told, "me")

    def apply(self, preview) -> Applied:
        fresh = self.store.tool_previews.get(preview.id)
        return apply_roster(self.store, self.tool, self.mapping, fresh, "me", invitations=self.invitations)

    def emails(self, *, deleted=False):
        return sorted(each["email"] for each in self.running.state.students(self.course, deleted=deleted))

    def mailed(self):
        """To whom invitations by mail wait in the outbox, in no order."""
        waiting = self.store.sendings.all(state="waiting", limit=None)
        told = [(each.target, json.loads(each.body)) for each in waiting if each.channel == "invitation"]
        return sorted(to for to, body in told if body["course"] == self.invitations.course)

    def invited(self):
        return sorted(email for course, email in self.running.state.invitations if course == self.course)
