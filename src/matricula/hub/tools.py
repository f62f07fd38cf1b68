"""Learning tools as the hub knows them: their tokens, how connections stand, mapped courses, rosters."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from matricula.errors import SettingError, UsageError
from matricula.hub.deliveries import Say, silent
from matricula.hub.home import Home
from matricula.hub.persons import person
from matricula.moodle import Moodle
from matricula.store import CourseMapping, Preview, ToolStanding
from matricula.tools import Tool, ToolSettings, ToolSurroundings, open_tool
from matricula.tools.applying import Applied, apply_roster
from matricula.tools.by_hand import by_hand
from matricula.tools.inviting import Invitations
from matricula.tools.mapping import map_courses, mapping_of
from matricula.tools.people import people_of
from matricula.tools.protocol import ToolCourse
from matricula.tools.roster import RosterRules, compare
from matricula.tools.rules import RULES
from matricula.tools.standing import check

_TOKENS: Final = "tool-token:"


@dataclass(frozen=True)
class ToolSeen:
    """A tool as lists show it.

    Args:
        name: its name.
        type: its kind.
        site: the site whose courses are mapped to it.
        url: its address.
        has_token: whether its token is kept.
        mapped: how many courses are mapped.
        standing: how the connection stood when it was last looked at; None where nobody looked yet.
    """

    name: str
    type: str
    site: str
    url: str
    has_token: bool
    mapped: int
    standing: ToolStanding | None


def tools_of(home: Home) -> list[ToolSeen]:
    """All tools of a home, by name; nothing is asked of them."""
    standings = home.store.tools.standings()
    found = []
    for name in home.names("tool"):
        tool = home.tool(name)
        found.append(
            ToolSeen(
                name,
                tool.type,
                tool.site,
                str(tool.url),
                has_tool_token(home, name),
                home.store.tools.count(name),
                standings.get(name),
            )
        )
    return found


def keep_tool_token(home: Home, name: str, token: str) -> None:
    """Keep a tool's token, encrypted; it is shown nowhere.

    Raises:
        UsageError: there is no such tool, or the token is empty.
    """
    home.tool(name)
    if not token.strip():
        raise UsageError("The token is empty.", where=f"tool {name}", remedy="Enter the token that the tool shows.")
    home.store.secrets.put(f"{_TOKENS}{name}", home.vault.encrypt(token.strip()))


def has_tool_token(home: Home, name: str) -> bool:
    """Whether a tool's token is kept."""
    return home.store.secrets.get(f"{_TOKENS}{name}") is not None


def forget_tool_token(home: Home, name: str) -> None:
    """Forget the token of a tool."""
    home.store.secrets.remove(f"{_TOKENS}{name}")


def forget_tool(home: Home, name: str) -> None:
    """Forget a tool's token, how it stood, who its students are and which courses are mapped to it."""
    forget_tool_token(home, name)
    home.store.tools.forget(name)


@contextmanager
def opened_tool(home: Home, name: str, say: Say = silent) -> Iterator[Tool]:
    """A tool by its name, ready to be asked.

    Raises:
        UsageError: there is no such tool.
        SettingError: its token is not known, or its settings cannot be used.
    """
    document = home.tool(name)
    settings = ToolSettings(
        name=name,
        type=document.type,
        url=str(document.url).rstrip("/"),
        timeout=document.timeout,
        client_id=document.client_id or "",
        token_url=str(document.token_url or ""),
    )
    with open_tool(settings, ToolSurroundings(_token_of(home, name), say)) as tool:
        yield tool


@contextmanager
def opened_site(home: Home, name: str) -> Iterator[Moodle]:
    """A site by its name, ready to be asked."""
    site = home.site(name)
    with home.client(site) as moodle:
        yield moodle


def check_tool(home: Home, name: str) -> ToolStanding:
    """Try the connection with a tool and look at its mapped courses; what is wrong is told and noted."""
    site = home.tool(name).site
    return check(home.store, name, lambda: opened_tool(home, name), site, lambda: opened_site(home, site))


def check_tools(home: Home, say: Say = silent) -> list[ToolStanding]:
    """Try the connections with all tools of a home."""
    found = []
    for name in home.names("tool"):
        say(f"looking at the tool {name}")
        found.append(check_tool(home, name))
    return found


def courses_of_tool(home: Home, name: str, search: str = "") -> list[ToolCourse]:
    """Courses of a tool in whose name, code or id a text stands, by name."""
    with opened_tool(home, name) as tool:
        return tool.courses(search)


def map_course(home: Home, name: str, remote: str, course: str) -> CourseMapping:
    """Keep a course of a tool and one of Moodle together; see `map_courses`."""
    site = home.tool(name).site
    with opened_tool(home, name) as tool, opened_site(home, site) as moodle:
        return map_courses(home.store, tool, moodle, name=name, site=site, remote=remote, course=course, by=person())


def unmap_course(home: Home, name: str, course: str) -> CourseMapping:
    """Keep two courses together no longer. The tool's students stay, and who they are stays known.

    Raises:
        UsageError: no such course is mapped.
    """
    mapping = mapping_of(home.store, name, course)
    home.store.tools.saw(mapping.id, "removed")
    return home.store.tools.mapping(mapping.id)


def preview_roster(home: Home, name: str, course: str, say: Say = silent) -> Preview:
    """Work out what would change in a tool's course, and keep it. Nothing is written to the tool.

    Of a tool whose rosters are only read, findings tell what it has to take from elsewhere.

    Args:
        home: the home.
        name: the tool.
        course: the course of Moodle by its id or name, or the tool's.
        say: told in a few words what is being done.

    Raises:
        UsageError: there is no such tool, or no such course is mapped.
        MatriculaError: the tool or the site cannot be read.
    """
    document = home.tool(name)
    mapping = mapping_of(home.store, name, course)
    with opened_tool(home, name, say) as tool, opened_site(home, mapping.site) as moodle:
        say("reading the people of the course")
        people = people_of(moodle, mapping.course, document.roles)
        say("reading the students of the tool")
        active = tool.students(mapping.remote)
        deleted = tool.students(mapping.remote, deleted=True) if tool.abilities.restores else []
        mails = document.invitations == "matricula"
        rules = RosterRules(tool.abilities, document.suspended, document.changed_email, mails)
    known = {
        each.student: each.user
        for each in home.store.tools.students(name, mapping.remote).values()
        if each.site == mapping.site  # ids of another site's accounts mean other people
    }
    changes, findings = compare(people, active, deleted, known, rules)
    if not rules.abilities.writes_rosters:
        changes, told = by_hand(changes, known)
        findings += told
    if (invited := sum(each.mailed for each in changes)) and home.service().mail is None:
        findings += (RULES["tool-mail-missing"].finding(sourced_id="", line=None, value=invited, told={}),)
    return home.store.tool_previews.add(
        mapping.id, "roster", [each.stored() for each in changes], [asdict(each) for each in findings], person()
    )


def stored_preview(home: Home, number: int) -> tuple[Preview, CourseMapping]:
    """A preview by its number, with its mapping; raises UsageError where there is none."""
    try:
        preview = home.store.tool_previews.get(number)
    except LookupError:
        raise UsageError(
            f"There is no preview {number}.",
            where=f"preview {number}",
            remedy="Make one with `matricula tool roster`.",
            code="preview-unknown",
        ) from None
    return preview, home.store.tools.mapping(preview.mapping)


def apply_roster_preview(home: Home, preview: Preview, mapping: CourseMapping, say: Say = silent) -> Applied:
    """Carry out a preview of a tool's roster; see `apply_roster`."""
    by_mail = _mails(home, preview, mapping)
    with opened_tool(home, mapping.tool, say) as tool:
        invitations = None
        if by_mail:
            link = str(home.tool(mapping.tool).invitation_link)
            invitations = Invitations(tool.instance().name, mapping.remote_name, link)
        return apply_roster(home.store, tool, mapping, preview, person(), say, invitations)


def _mails(home: Home, preview: Preview, mapping: CourseMapping) -> bool:
    """Whether Matricula invites people of a preview.

    Raises:
        UsageError: who invites people was decided otherwise since the preview was made.
        SettingError: there is no mail server.
    """
    mailed = {bool(each.get("mailed")) for each in preview.changes if each["action"] in ("add", "restore")}
    mails = home.tool(mapping.tool).invitations == "matricula"
    if mailed - {mails}:
        raise UsageError(
            "Who sends the invitations was decided otherwise since this preview was made.",
            where=f"preview {preview.id}",
            remedy="Make a new one with `matricula tool roster`.",
            code="preview-invitations",
        )
    if True in mailed and home.service().mail is None:
        raise SettingError(
            "Matricula is to send the invitations, and no mail server is set.",
            where=f"tool {mapping.tool}, invitations",
            remedy="Set `mail` in the service's document and try `matricula notify test`, or write "
            "`invitations: tool`.",
            code="tool-mail-missing",
        )
    return True in mailed


def mappings_of(home: Home, name: str | None = None) -> Sequence[CourseMapping]:
    """Mapped courses, of one tool or of all."""
    if name is not None:
        home.tool(name)
    return home.store.tools.mappings(name)


def _token_of(home: Home, name: str) -> Callable[[], str]:
    def token() -> str:
        kept = home.store.secrets.get(f"{_TOKENS}{name}")
        if kept is None:
            raise SettingError(
                "No token is known.",
                where=f"tool {name}",
                remedy=f"Enter it with `matricula tool token {name}`.",
                code="token-missing",
            )
        return home.vault.decrypt(kept)

    return token
