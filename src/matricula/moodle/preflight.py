"""Whether a site is ready: everything that would stop a run or harm by surprise, told before it does."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from matricula.errors import MatriculaError
from matricula.moodle.categories import Categories
from matricula.moodle.checks import META, ROLES_PAGE, Check
from matricula.moodle.courses import Courses
from matricula.moodle.enrolments import Enrolments
from matricula.moodle.errors import AccessRefused, MoodleError, TokenRefused
from matricula.moodle.family import Caller
from matricula.moodle.plugin_checks import meta_links, plugin_checks, roles_told, welcome_mail
from matricula.moodle.plugin_rows import PluginSite
from matricula.moodle.roles import Roles
from matricula.moodle.site import Site
from matricula.moodle.users import User, Users

OLDEST, NEWEST_MAJOR = (4, 5), 5  # branches that Matricula is tried on
MUCH_CLOCK_DIFFERENCE = 60  # seconds
ENOUGH_FORM_FIELDS = 4900  # what the probe finds where max_input_vars is Moodle's recommendation, 5000
SAMPLED_COURSES = 3
NAMED_AT_MOST = 5

_FUNCTIONS_PAGE = "Site administration > Server > Web services > External services > Functions > Add functions"
_ENROL = "enrol_manual_enrol_users"
_COMPARABLE = ("username", "email", "idnumber")


class Checked(Caller, Protocol):
    """What the preflight needs of the client."""

    url: str
    users: Users
    categories: Categories
    courses: Courses
    enrolments: Enrolments
    roles: Roles


def preflight(
    moodle: Checked,
    *,
    functions: Mapping[str, str],
    roles: Mapping[str, int],
    match_fields: Collection[str],
    with_plugin: Mapping[str, str] | None = None,
    tell: Callable[[Check], None] = lambda _: None,
) -> list[Check]:
    """Looks at everything that a run needs of a site, and writes nothing.

    Args:
        moodle: the site's client.
        functions: web-service functions that will be called, with what each is needed for.
        roles: roles that will be given in courses: short name and id on this site.
        match_fields: user fields by which accounts are matched at first: `username`, `email`, `idnumber`; others
            are passed over, as they cannot be read of all accounts at once.
        with_plugin: the functions that will be called where the site has the plugin local_matricula; the same where
            it is None.
        tell: told each line as soon as it is known.

    Returns:
        one line each, in the order in which things are mended; it ends early where nothing answers.
    """
    checks = []
    for check in _looks(moodle, functions, functions if with_plugin is None else with_plugin, roles, match_fields):
        tell(check)
        checks.append(check)
    return checks


def _looks(
    moodle: Checked,
    functions: Mapping[str, str],
    with_plugin: Mapping[str, str],
    roles: Mapping[str, int],
    match_fields: Collection[str],
) -> Iterator[Check]:
    try:
        site = moodle.site()
    except (TokenRefused, AccessRefused) as error:
        yield Check("address", "ok", f"A Moodle answers at {moodle.url}.")
        yield _failed("token", error)
        return
    except MoodleError as error:
        yield _failed("address", error)
        return
    yield from (_address(moodle, site), _version(site), _token(site))
    about = None
    try:
        about = moodle.plugin.about() if moodle.plugin.there else None
        yield from plugin_checks(moodle.plugin, site)
    except MoodleError as error:
        yield _failed("plugins", error)
    yield from _functions(site, functions if about is None else with_plugin)
    for name, step in _steps(moodle, site, roles, match_fields, about):
        try:
            yield from step()
        except MatriculaError as error:
            yield _failed(name, error)
    if _ENROL in functions:
        yield welcome_mail(about)
    if META in functions:
        yield meta_links(about)


def _steps(
    moodle: Checked,
    site: Site,
    roles: Mapping[str, int],
    match_fields: Collection[str],
    about: PluginSite | None,
) -> Iterator[tuple[str, Callable[[], Iterator[Check]]]]:
    """The looks that the token's service has the functions for; the plugin stands for all that read."""

    def has(function: str) -> bool:
        return function in site.functions or (about is not None and "_get_" in function)

    if "core_user_get_users_by_field" in site.functions:
        yield "form fields", lambda: _form_fields(moodle)
    yield "clock", lambda: _clock(site)
    if about is not None:
        yield "roles", lambda: roles_told(about, roles)
    elif has(_ENROL):
        yield "roles", lambda: _roles(moodle, roles)
    if has("core_course_get_categories"):
        yield "categories", lambda: _categories(moodle)
    if has("core_course_get_courses"):
        yield "courses", lambda: _courses(moodle)
        if has("core_enrol_get_enrolled_users"):
            yield "participants", lambda: _participants(moodle, roles)
    if has("core_user_get_users"):
        yield "accounts", lambda: _accounts(moodle, site, match_fields)


def _failed(name: str, error: MatriculaError) -> Check:
    return Check(name, "fail", error.what, error.remedy)


def _address(moodle: Checked, site: Site) -> Check:
    found = urlsplit(moodle.url)
    if site.url and urlsplit(site.url)[1:3] != found[1:3]:
        return Check(
            "address",
            "warn",
            f"A Moodle answers at {moodle.url}, and calls itself {site.url}.",
            f"Use {site.url} as the site's address, unless this way around is meant.",
        )
    if found.scheme == "http" and found.hostname not in {"localhost", "127.0.0.1", "::1"}:
        return Check(
            "address",
            "warn",
            f"A Moodle answers at {moodle.url}, unencrypted: the token can be read on the way.",
            "Use the site's https address.",
        )
    return Check("address", "ok", f"A Moodle answers at {moodle.url}.")


def _version(site: Site) -> Check:
    told = f"{site.name}, Moodle {site.release}, version {site.version}."
    if site.branch < OLDEST or site.branch[0] > NEWEST_MAJOR:
        return Check(
            "site",
            "warn",
            told,
            f"Matricula is tried on Moodle {OLDEST[0]}.{OLDEST[1]} to {NEWEST_MAJOR}.x: try this one on a copy first.",
        )
    return Check("site", "ok", told)


def _token(site: Site) -> Check:
    kind = "a site administrator" if site.is_admin else "no site administrator"
    return Check("token", "ok", f"The token belongs to {site.username} (id {site.user_id}), {kind}.")


def _functions(site: Site, needed: Mapping[str, str]) -> list[Check]:
    missing = [name for name in needed if name not in site.functions]
    if not missing:
        return [Check("functions", "ok", f"All {len(needed)} functions needed are in the token's service.")]
    return [
        Check(
            f"function {name}",
            "fail",
            f"Missing in the token's service; needed for: {needed[name]}.",
            f"Add it: {_FUNCTIONS_PAGE}.",
        )
        for name in missing
    ]


def _form_fields(moodle: Checked) -> Iterator[Check]:
    fields = moodle.form_fields
    if fields < ENOUGH_FORM_FIELDS:
        yield Check(
            "form fields",
            "warn",
            f"The site takes about {fields} form fields in one call, so a run needs more calls.",
            "Set max_input_vars = 5000 in the site's PHP settings, as Moodle recommends.",
        )
    else:
        yield Check("form fields", "ok", f"The site takes at least {fields} form fields in one call.")


def _clock(site: Site) -> Iterator[Check]:
    difference = site.clock_difference
    if difference is None:
        yield Check("clock", "warn", "The site does not tell its time.", "Compare both clocks by hand.")
    elif abs(difference) > MUCH_CLOCK_DIFFERENCE:
        side = "ahead of" if difference > 0 else "behind"
        yield Check(
            "clock",
            "warn",
            f"The site's clock is {abs(difference):.0f} seconds {side} this computer's.",
            "Set both by a time server (NTP): dates of enrolments depend on them.",
        )
    else:
        yield Check("clock", "ok", f"The clocks differ by {abs(difference):.0f} seconds.")


def _roles(moodle: Checked, roles: Mapping[str, int]) -> Iterator[Check]:
    assignable = moodle.roles.assignable(roles.values())
    for shortname, role_id in roles.items():
        if role_id in assignable:
            yield Check(f"role {shortname}", "ok", f"The token's user may give role {role_id} in courses.")
        else:
            yield Check(
                f"role {shortname}",
                "fail",
                f"The token's user may not give role {role_id} in courses, or there is no such role.",
                f"Allow it: {ROLES_PAGE} > Allow role assignments; the role's id stands in the address of its page.",
            )


def _categories(moodle: Checked) -> Iterator[Check]:
    there = moodle.categories.all()
    if any(category.idnumber is None for category in there):
        yield Check(
            "categories",
            "fail",
            "The token's user may not see the ID numbers of categories.",
            f"Allow moodle/category:manage in its role: {ROLES_PAGE}.",
        )
    else:
        yield Check("categories", "ok", f"{len(there)} categories can be read.")


def _courses(moodle: Checked) -> Iterator[Check]:
    there = moodle.courses.all()
    if any(course.idnumber is None for course in there):
        yield Check(
            "courses",
            "fail",
            "The token's user may not see the ID numbers of courses.",
            f"Allow moodle/course:update in its role: {ROLES_PAGE}.",
        )
    else:
        yield Check("courses", "ok", f"{len(there)} courses can be read.")


def _participants(moodle: Checked, roles: Mapping[str, int]) -> Iterator[Check]:
    sample = [course.id for course in moodle.courses.all()[-SAMPLED_COURSES:]]
    if not sample:
        return
    try:
        seen = {role for enrolment in moodle.enrolments.of_courses(sample) for role in enrolment.roles}
        if moodle.plugin.there:
            roles = {}  # they were looked at by name
        else:
            moodle.enrolments.of_course(sample[0], only="suspended", fields=("id",))
    except AccessRefused as error:
        yield Check(
            "participants",
            "fail",
            error.what,
            f"Allow moodle/course:viewparticipants and moodle/course:enrolreview in its role: {ROLES_PAGE}.",
        )
        return
    yield Check("participants", "ok", "Participants of courses and who of them is suspended can be read.")
    for shortname, role_id in roles.items():
        for role in seen:
            if (role.shortname == shortname) != (role.id == role_id):
                yield Check(
                    f"role {shortname}",
                    "fail",
                    f"On this site role {role.id} is {role.shortname}, and {shortname} was given as {role_id}.",
                    f"Set the right id: it stands in the address of the role's page, {ROLES_PAGE}.",
                )


def _accounts(moodle: Checked, site: Site, match_fields: Collection[str]) -> Iterator[Check]:
    accounts = moodle.users.all()
    others = [account for account in accounts if account.id != site.user_id]
    if not site.is_admin and not any(account.username for account in others):
        yield Check(
            "accounts",
            "fail",
            "The token's user may not see the accounts of others, or not their usernames.",
            "Allow moodle/user:viewdetails, moodle/user:viewalldetails and moodle/user:viewhiddendetails in its "
            f"role: {ROLES_PAGE}.",
        )
        return
    for field in match_fields:
        if field in _COMPARABLE:
            yield _shared(accounts, field)


def _shared(accounts: Iterable[User], field: str) -> Check:
    """Whether a field tells all accounts apart."""
    holders: dict[str, list[User]] = defaultdict(list)
    for account in accounts:
        holders[getattr(account, field).strip().casefold()].append(account)
    number = sum(map(len, holders.values()))
    without = len(holders.pop("", []))
    shared = {value: users for value, users in holders.items() if len(users) > 1}
    told = f"{number} accounts can be read, {without} of them without {field}"
    if not shared:
        return Check("accounts", "ok", f"{told}; no {field} is held by two accounts.")
    named = [
        f"{getattr(users[0], field).strip()} ({', '.join(user.username for user in users[:NAMED_AT_MOST])})"
        for users in list(shared.values())[:NAMED_AT_MOST]
    ]
    more = f" and {len(shared) - NAMED_AT_MOST} more" if len(shared) > NAMED_AT_MOST else ""
    return Check(
        "accounts",
        "warn",
        f"{told}; {len(shared)} values are held by several accounts: {', '.join(named)}{more}.",
        "Give each account its own value, or delete the surplus account: Site administration > Users > Accounts > "
        "Browse list of users. People concerned are left out until then.",
    )
