"""A plan on the screen: counts, names, what was wrong with the delivery, and what holds it."""

from collections.abc import Sequence

from matricula.cli.changes import print_counts, print_names
from matricula.cli.screen import Screen, counted, moment
from matricula.hub import UNDO, Planned, is_publication, is_transfer, is_undo, reject_command, release_command
from matricula.hub.changes_told import Teller, place_of
from matricula.hub.grades import read_in_words
from matricula.hub.looked_told import looked_in_words
from matricula.hub.storing import MOVES
from matricula.store import FindingRecord, PlanRecord


def print_plan(screen: Screen, planned: Planned, teller: Teller, *, everything: bool) -> None:
    """A plan for people."""
    record = planned.record
    title = f"Plan {planned.number} · {counted(planned.changes.height, 'change')} · {record.state}"
    screen.line(title, "bold yellow" if record.state == "held" else "bold")
    print_origin(screen, record)
    if planned.only:
        screen.line(f"Only: {', '.join(planned.only)}", "bold", hang=6)
    if is_undo(record):
        print_findings(screen, planned.findings, everything=everything, of_undo=True)
    if planned.changes.height:
        screen.line()
        print_counts(screen, planned.changes)
        print_names(screen, planned.changes, teller, everything=everything)
    elif is_undo(record):
        screen.line(f"Nothing to do: of run {record.summary[UNDO]} nothing is left that could be undone.", "green")
    else:
        screen.line(f"Nothing to do: {_agreement(record)}.", "green")
    if not is_undo(record):
        print_findings(screen, planned.findings, everything=everything)
    screen.line()
    _print_next(screen, planned)


def print_origin(screen: Screen, record: PlanRecord) -> None:
    """Whose plan it is, made when of what, and for which tables, where it is for some."""
    screen.line(f"profile {record.profile}, made {moment(record.created_at)} from {record.source}", "dim", hang=2)
    if is_publication(record) or is_transfer(record):
        screen.line(f"for {record.site}", "dim", hang=2)
    if told := looked_in_words(record):
        screen.line(told, "dim", hang=2)
    if told := read_in_words(record):
        screen.line(f"{told} `matricula grades plan {record.profile} --full` reads all of them now.", "yellow", hang=2)


def _agreement(record: PlanRecord) -> str:
    """What a plan without changes says, as a sentence goes on."""
    if is_transfer(record):
        return f"the {record.site} holds what was read of the gradebooks"
    if MOVES in record.summary:
        return "every enrolment that Matricula made and that is there is of its own method"
    return f"{'the tables hold' if is_publication(record) else 'Moodle holds'} what the roster says"


def print_findings(
    screen: Screen, findings: Sequence[FindingRecord], *, everything: bool, of_undo: bool = False
) -> None:
    """What was wrong with the delivery, or what an undoing cannot bring back; errors first."""
    for severity, title, style in _OF_UNDO if of_undo else _SEVERITIES:
        found = [finding for finding in findings if finding.severity == severity]
        if not found:
            continue
        screen.line()
        screen.line(title.format(counted(len(found), "finding")), f"bold {style}")
        alike: dict[tuple[str, str], list[FindingRecord]] = {}
        for finding in found:
            alike.setdefault((finding.code, finding.remedy or ""), []).append(finding)
        for (_, remedy), group in alike.items():
            _print_alike(screen, group, remedy, everything=everything, placed=not of_undo)


def _print_alike(
    screen: Screen, group: list[FindingRecord], remedy: str, *, everything: bool, placed: bool = True
) -> None:
    shown = group if everything or len(group) <= ALIKE + 1 else group[:ALIKE]
    for finding in shown:
        more = f" ({finding.count:,} rows have it; this is the first.)" if finding.count > 1 else ""
        place = place_of(finding) if placed else ""
        screen.line(f"{place}: {finding.message}{more}" if place else finding.message + more, indent=2, hang=2)
    if len(shown) < len(group):
        screen.line(f"… and {len(group) - len(shown):,} more like these; --all shows them", "dim", indent=2)
    if remedy:
        screen.line(remedy, "cyan", indent=4)


ALIKE = 3
"""So many findings of one kind are printed where not all are asked for."""

_SEVERITIES = (
    ("error", "Left out of this plan until it is mended: {}", "red"),
    ("warning", "Taken, but look at it: {}", "yellow"),
)

_OF_UNDO = (
    ("error", "Cannot be brought back: {}", "red"),
    ("warning", "Left as it is, or to be known: {}", "yellow"),
)


def _print_next(screen: Screen, planned: Planned) -> None:
    number, state = planned.number, planned.record.state
    if state == "held":
        print_waiting(screen, planned)
    elif is_undo(planned.record) and not planned.changes.height:
        return
    elif state in ("ready", "released") and planned.changes.height:
        screen.line(f"In full: matricula show {number}")
        place = "these tables" if is_publication(planned.record) else "Moodle"
        place = f"the {planned.record.site}" if is_transfer(planned.record) else place
        screen.line(f"To write exactly this to {place}: matricula apply {number}", "bold")
    if is_undo(planned.record):
        screen.line()
        screen.line(_ONCE_MORE[is_transfer(planned.record)].format(profile=planned.record.profile), "yellow")


_ONCE_MORE = {
    False: "The roster still wants what the run did: the next plan would do it again. Mend the roster or the profile "
    "first, or disable the profile: matricula profile disable {profile}",
    True: "Moodle's grades are as they were: the next transfer would send them again. Mend them in Moodle or the "
    "profile's grades first, or disable the profile: matricula profile disable {profile}",
}


def print_waiting(screen: Screen, planned: Planned) -> None:
    """Why a held plan waits, and the very commands that release and reject it."""
    screen.line("This plan waits for a person:", "bold yellow")
    for hold in planned.record.held:
        screen.line(str(hold["message"]), indent=2, hang=2)
    screen.line("If it is right, release it with these words:")
    screen.line(release_command(planned.number, planned.words), "bold", indent=2, hang=4)
    screen.line("If it is not, put it away:")
    screen.line(reject_command(planned.number), "bold", indent=2, hang=4)
