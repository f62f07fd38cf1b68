"""A preview of a tool's roster carried out: exactly what was shown, each change once, killed anywhere.

Before anything is sent it is noted; what was under way when an earlier attempt ended is settled by reading the tool. Of
whom no answer says that they were added, the tool's list says it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from matricula.errors import StopError, UsageError, WaitError
from matricula.store import CourseMapping, KnownStudent, Preview, Store, ToolOutcome
from matricula.store.tool_previews import PreviewKind
from matricula.tools.inviting import Invitations
from matricula.tools.protocol import NewStudent, Outcome, Student, Tool
from matricula.tools.roster import ORDER, Action, RosterChange, is_as_seen, student_of

SILENT: Final = timedelta(minutes=15)
"""An application that gave no sign of life for so long has ended; one call takes at most ten minutes."""
Ended = dict[int, tuple[str, str]]


@dataclass(frozen=True)
class Applied:
    """What became of a preview.

    Args:
        preview: its number.
        outcomes: state and reason of each change, by its number.
    """

    preview: int
    outcomes: Mapping[int, tuple[str, str]]

    def count(self, state: str) -> int:
        """How many changes ended so."""
        return sum(found == state for found, _ in self.outcomes.values())


def apply_roster(
    store: Store,
    tool: Tool,
    mapping: CourseMapping,
    preview: Preview,
    by: str,
    say: Callable[[str], None] = lambda _: None,
    invitations: Invitations | None = None,
) -> Applied:
    """Carry out a preview of a tool's roster.

    Args:
        store: the state.
        tool: the tool.
        mapping: the two courses.
        preview: the preview, of kind `roster`.
        by: who confirmed it.
        say: told in a few words what is being done.
        invitations: how Matricula invites people; None where the tool does.

    Returns:
        what became of each change. One that the tool refuses, or whose student is no longer as shown, keeps no other
        back.

    Raises:
        UsageError: it was applied before, another one took its place, or the courses are no longer mapped.
        WaitError: it is being applied elsewhere, or the tool is out of reach; calling this again goes on with it.
        SettingError: token or address are wrong, or the tool's course is gone; as above.
        StopError: what the tool answers cannot be used; as above.
    """
    with application(store, mapping, preview, by, "roster"):
        return _Application(store, tool, mapping, preview, say, invitations).result()


@contextmanager
def application(store: Store, mapping: CourseMapping, preview: Preview, by: str, kind: PreviewKind) -> Iterator[None]:
    """Apply a preview inside of this; where that ends before its time, another may go on with it at once.

    Args:
        store: the state.
        mapping: the two courses.
        preview: the preview.
        by: who confirmed it.
        kind: what it must hold.

    Raises:
        UsageError: it was applied before, another one took its place, or the courses are no longer mapped.
        WaitError: it is being applied elsewhere.
    """
    _begun(store, mapping, preview, by, kind)
    try:
        yield
    except BaseException:
        store.tool_previews.rest(preview.id)
        raise


def _begun(store: Store, mapping: CourseMapping, preview: Preview, by: str, kind: PreviewKind) -> None:
    where = f"preview {preview.id}"
    if preview.kind != kind or mapping.state == "removed":
        raise UsageError(
            f"It holds no {kind}." if preview.kind != kind else "The courses of this preview are no longer mapped.",
            where=where,
            remedy=f"Map them and make a new one with `matricula tool {kind}`.",
            code="preview-unusable",
        )
    if preview.state in ("applied", "superseded"):
        raise UsageError(
            "It was applied before." if preview.state == "applied" else "A newer one has taken its place.",
            where=where,
            remedy=f"Make a new one with `matricula tool {kind}`.",
            code=f"preview-{preview.state}",
        )
    if not store.tool_previews.begin(preview.id, by, before=datetime.now(UTC) - SILENT):
        raise WaitError(
            "It is being applied, or was a moment ago.",
            where=where,
            remedy="Wait for its end; where another machine that applied it has failed, try again after "
            f"{SILENT.seconds // 60} minutes.",
            code="preview-busy",
        )


class _Application:
    def __init__(
        self,
        store: Store,
        tool: Tool,
        mapping: CourseMapping,
        preview: Preview,
        say: Callable[[str], None],
        invitations: Invitations | None,
    ) -> None:
        self._invitations = invitations
        self._store, self._tool, self._mapping, self._preview, self._say = store, tool, mapping, preview.id, say
        self._changes = [RosterChange.read(each) for each in preview.changes]
        self._active: dict[str, Student] = {}
        self._deleted: dict[str, Student] = {}
        self._before: Mapping[int, ToolOutcome] = {}

    def result(self) -> Applied:
        self._settle_sent()
        for action in ORDER:
            pending = self._pending(action)
            if pending:
                self._say(f"{action}: {len(pending)}")
                self._carry_out(action, pending)
        self._store.tool_previews.applied(self._preview)
        outcomes = self._store.tool_previews.outcomes(self._preview)
        return Applied(self._preview, {number: (each.state, each.reason) for number, each in outcomes.items()})

    def _look(self) -> None:
        course = self._mapping.remote
        self._active = {each.id: each for each in self._tool.students(course)}
        self._deleted = {}
        if self._tool.abilities.restores:
            self._deleted = {each.id: each for each in self._tool.students(course, deleted=True)}

    def _pending(self, action: Action) -> list[int]:
        ended = self._store.tool_previews.outcomes(self._preview)
        return [number for number, each in enumerate(self._changes) if each.action == action and number not in ended]

    def _carry_out(self, action: Action, pending: Sequence[int]) -> None:
        self._look()
        self._before = self._store.tool_previews.outcomes(self._preview)
        left = {number: told for number in pending if (told := self._obstacle(self._changes[number]))}
        self._end(left)
        going = [number for number in pending if number not in left]
        if action == "match":
            self._end(dict.fromkeys(going, ("done", "")), {number: self._changes[number].student for number in going})
            return
        for part in _parts(going, self._tool.abilities.at_once):
            self._store.tool_previews.sending(self._preview, part)
            self._told(part, self._sent(action, [self._changes[number] for number in part]))

    def _sent(self, action: Action, changes: Sequence[RosterChange]) -> list[Outcome]:
        course = self._mapping.remote
        if action == "add":
            return self._tool.add(course, [NewStudent(**dict(each.after or {})) for each in changes])
        if action == "update":
            return self._tool.edit(course, [student_of(each, self._active[each.student]) for each in changes])
        call = self._tool.restore if action == "restore" else self._tool.delete
        return call(course, [each.student for each in changes])

    def _told(self, part: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        """Note what came of changes; what is in doubt is settled by reading, and not sent again here."""
        doubtful = [number for number, each in zip(part, outcomes, strict=True) if each.state == "doubt"]
        clear = {number: each for number, each in zip(part, outcomes, strict=True) if each.state != "doubt"}
        self._end(
            {number: (each.state, each.reason) for number, each in clear.items()},
            {
                number: each.student.id if each.student else self._changes[number].student
                for number, each in clear.items()
                if each.state == "done"
            },
        )
        if doubtful:
            self._look()
            for number in self._settled(doubtful):
                self._end({number: ("refused", "No answer came, and the tool does not show it. Make a new preview.")})

    def _settle_sent(self) -> None:
        """Settle what an earlier attempt had under way when it ended; what never arrived may be sent once more."""
        before = self._store.tool_previews.outcomes(self._preview)
        under_way = [number for number, each in before.items() if each.state == "sent"]
        if under_way:
            self._say("reading what an earlier attempt had sent")
            self._look()
            self._store.tool_previews.unsend(self._preview, self._settled(under_way))

    def _settled(self, numbers: Sequence[int]) -> list[int]:
        """Note what has happened by what the tool shows; gives the numbers of those that have not."""
        not_done = []
        for number in numbers:
            student = self._happened(self._changes[number])
            if student is None:
                not_done.append(number)
            else:
                self._end({number: ("done", "")}, {number: student})
        return not_done

    def _happened(self, change: RosterChange) -> str | None:
        """The id of the student, where the tool shows what a change does."""
        if change.action == "add":
            return self._by_email(change)
        if change.action == "delete":
            return change.student if change.student not in self._active else None
        there = self._active.get(change.student)
        if there is None or (change.action == "update" and not is_as_seen(there, change.after)):
            return None
        return there.id

    def _obstacle(self, change: RosterChange) -> tuple[str, str] | None:
        """Why a change is not carried out: its student is no longer as the preview showed them."""
        if change.needs is not None and not self._went_through(change.needs):
            return "skipped", "They were not invited again, so they are not deleted."
        if change.action == "add":
            taken = self._by_email(change) or self._by_email(change, self._deleted)
            return ("stale", f"Student {taken} of the tool has the address meanwhile.") if taken else None
        there = (self._deleted if change.action == "restore" else self._active).get(change.student)
        if there is None:
            wanted = (
                "no longer among the deleted" if change.action == "restore" else "not in the tool's course any more"
            )
            return "stale", f"The student is {wanted}."
        if not is_as_seen(there, change.before):
            return "stale", "Somebody changed the student in the tool meanwhile."
        return None

    def _went_through(self, number: int) -> bool:
        outcome = self._before.get(number)
        return outcome is not None and outcome.state == "done"

    def _by_email(self, change: RosterChange, among: Mapping[str, Student] | None = None) -> str | None:
        email = str((change.after or {}).get("email", "")).casefold()
        students = self._active if among is None else among
        return next((each.id for each in students.values() if each.email.casefold() == email), None)

    def _end(self, ended: Ended, students: Mapping[int, str] | None = None) -> None:
        """Note outcomes and, with them, who the students are and whom Matricula invites; in one transaction."""
        if not ended:
            return
        known = [self._known(self._changes[number], student) for number, student in (students or {}).items()]
        with self._store.begin():
            self._store.tool_previews.end(self._preview, ended)
            self._store.tools.know(each for each in known if each is not None)
            self._invite([number for number, (state, _) in ended.items() if state == "done"])

    def _invite(self, done: Sequence[int]) -> None:
        if self._invitations is not None:
            for number in done:
                if self._changes[number].mailed:
                    change, now = self._changes[number], datetime.now(UTC)
                    self._invitations.put(self._store, self._preview, number, change, now)

    def _known(self, change: RosterChange, student: str) -> KnownStudent | None:
        if change.user is None or change.action == "delete":
            return None  # who was deleted stays known: they may come back
        email = str((change.after or {}).get("email", ""))
        if not student:
            raise StopError(
                "The tool added somebody and did not say under which id.",
                where=f"preview {self._preview}",
                remedy="Apply it again: it is settled by reading the tool's course.",
                code="tool-answer",
            )
        return KnownStudent(self._mapping.tool, self._mapping.remote, student, self._mapping.site, change.user, email)


def _parts(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
