"""The lines of the preflight that Matricula's plugins are concerned with."""

from collections.abc import Iterator, Mapping
from typing import Final

from matricula.moodle.checks import ROLES_PAGE, Check
from matricula.moodle.plugin import Plugin
from matricula.moodle.plugin_calls import CALLS, OLDEST_VERSION, PLUGIN_VERSION
from matricula.moodle.plugin_rows import PluginSite
from matricula.moodle.site import Site

_METHODS_PAGE = "Site administration > Plugins > Enrolments > Manage enrol plugins"
_NEWER = "Install the plugins that come with this Matricula."
_SERVICES_PAGE = "Site administration > Server > Web services > External services"
_WELCOME = (
    "Before the first run: Site administration > Plugins > Enrolments > Manual enrolments > Send course welcome "
    "message > No."
)

#: What each of Matricula's plugins beside local_matricula is used for, and where it is switched on.
_USES: Final[Mapping[str, tuple[str, str]]] = {
    "enrol_matricula": ("an enrolment method of Matricula's own", f"{_METHODS_PAGE} > Matricula."),
    "auth_matricula": ("signing on", "Site administration > Plugins > Authentication > Manage authentication."),
    "block_matricula": ("the block in courses", "Site administration > Plugins > Blocks > Manage blocks."),
}


def plugin_checks(plugin: Plugin, site: Site) -> Iterator[Check]:
    """Which of Matricula's plugins a site has, and what they are used for.

    Raises:
        MoodleError: the plugin is there and does not answer as it should.
    """
    if not plugin.in_service:
        yield Check(
            "plugins",
            "ok",
            "The token's service has no functions of Matricula's plugin local_matricula: everything works without, "
            "and is read more slowly.",
        )
        return
    if not plugin.wanted:
        yield Check("plugins", "ok", "Matricula's plugins are not used: the site's document says `plugins: false`.")
        return
    if not plugin.there and not plugin.refused:
        yield Check(
            "plugins",
            "warn",
            f"The site's plugin local_matricula ({plugin.about().version}) is older than this Matricula reads with "
            f"({OLDEST_VERSION}): everything goes on without.",
            _NEWER,
        )
        return
    if not plugin.there:
        yield Check(
            "plugins",
            "warn",
            "The site has Matricula's plugin local_matricula, and the token's user may not use it: everything goes on "
            "without.",
            f"Allow local/matricula:synchronise in its role: {ROLES_PAGE}.",
        )
        return
    about = plugin.about()
    yield _local_matricula(about, site)
    for name, (use, page) in _USES.items():
        if (found := about.plugins.get(name)) is None:
            continue
        if found.enabled:
            yield Check("plugins", "ok", f"{name} ({found.version}) is there, for {use}.")
        else:
            yield Check(
                "plugins", "warn", f"{name} ({found.version}), for {use}, is switched off.", f"Switch it on: {page}"
            )


def _local_matricula(about: PluginSite, site: Site) -> Check:
    told = f"local_matricula {about.release} ({about.version}) is there: many records are read with one call"
    if about.version < PLUGIN_VERSION:
        return Check(
            "plugins",
            "warn",
            f"{told}. It is older than this Matricula knows ({PLUGIN_VERSION}): what it lacks goes without.",
            _NEWER,
        )
    missing = sorted(CALLS.keys() - site.functions)
    if missing:
        return Check(
            "plugins",
            "warn",
            f"{told}. The token's service lacks {len(missing)} of its functions, such as {missing[0]}.",
            "Make the token for the service Matricula synchronisation that the plugin brings, or add them: "
            f"{_SERVICES_PAGE}.",
        )
    return Check("plugins", "ok", f"{told}.")


def roles_told(about: PluginSite, roles: Mapping[str, int]) -> Iterator[Check]:
    """Whether roles have the ids that the site's document gives them, and may be given."""
    for shortname, role_id in roles.items():
        there = next((role for role in about.roles if role.id == role_id), None)
        meant = None if shortname.isdecimal() else about.role_id(shortname)
        if there is None and meant is None:
            known = ", ".join(role.shortname for role in about.roles if role.assignable)
            yield _wrong(shortname, f"This site has no role {shortname}.", f"Those that can be given: {known}.")
        elif not shortname.isdecimal() and meant != role_id:
            told = f"role {role_id} is {there.shortname}" if there else f"there is no role {role_id}"
            right = f"set `roles: {{{shortname}: {meant}}}` in the site's document" if meant else "name another role"
            yield _wrong(
                shortname,
                f"On this site {told}, and {shortname} was given as {role_id}.",
                f"{right[0].upper()}{right[1:]}.",
            )
        elif there is not None and not there.assignable:
            yield _wrong(
                shortname,
                f"The token's user may not give role {role_id} in courses.",
                f"Allow it: {ROLES_PAGE} > Allow role assignments.",
            )
        else:
            yield Check(f"role {shortname}", "ok", f"The token's user may give role {role_id} in courses.")


def _wrong(shortname: str, message: str, remedy: str) -> Check:
    return Check(f"role {shortname}", "fail", message, remedy)


def welcome_mail(about: PluginSite | None) -> Check:
    """Whether a first run mails the whole school."""
    told = about and about.welcome
    if told is None:
        return Check(
            "welcome mail",
            "warn",
            "Moodle mails everybody who is newly enrolled in a new course, unless that is switched off; web services "
            "cannot see the setting.",
            _WELCOME,
        )
    if about is not None and about.has("enrol_matricula"):
        return Check("welcome mail", "ok", "Nobody is mailed: Matricula's own enrolment method has no welcome message.")
    if told:
        return Check(
            "welcome mail", "warn", "Moodle mails everybody who is newly enrolled by hand in a new course.", _WELCOME
        )
    return Check("welcome mail", "ok", "Moodle mails nobody who is enrolled by hand in a new course.")


def meta_links(about: PluginSite | None) -> Check:
    """Whether meta-links enrol anybody."""
    found = about and about.plugins.get("enrol_meta")
    if not found:
        return Check(
            "meta-links",
            "warn",
            "Meta-links give nobody an enrolment while the enrolment method Course meta link is switched off; web "
            "services cannot see the setting.",
            f"Switch it on: {_METHODS_PAGE} > Course meta link.",
        )
    if not found.enabled:
        return Check(
            "meta-links",
            "fail",
            "Meta-links give nobody an enrolment: the enrolment method Course meta link is switched off.",
            f"Switch it on: {_METHODS_PAGE} > Course meta link.",
        )
    return Check("meta-links", "ok", "The enrolment method Course meta link is switched on.")
