"""`matricula account`: who may sign in to the console, for lost passwords and for programs that set Matricula up."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir
from matricula.cli.screen import Screen, moment
from matricula.errors import UsageError
from matricula.hub import Home, default_home
from matricula.hub.persons import person

if TYPE_CHECKING:
    from matricula.service import Service

PASSWORD_VARIABLE = "MATRICULA_PASSWORD"  # noqa: S105 - a name

by_itself = "list"
"""The command that `matricula account` alone stands for."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user name.")]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE[@SITE]",
        help="owner, operator, approver or viewer, for all sites or for one; may be given several times.",
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="A file that holds the password and nothing else."),
]
Link = Annotated[bool, typer.Option("--link", help="Print a link with which the person sets the password.")]


def add(
    name: Name,
    *,
    role: Roles = None,
    display: Annotated[str, typer.Option("--display", metavar="TEXT", help="The person's name.")] = "",
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Where messages go.")] = "",
    password_file: PasswordFile = None,
    link: Link = False,
    home: HomeDir = None,
) -> None:
    """Make an account.

    The password is read from --password-file, from the environment variable
    MATRICULA_PASSWORD, or asked for without showing it. With --link nobody
    types one: the person sets it.

    Examples:
      matricula account add olga --role owner --display "Olga Owner"
      matricula account add vera --role viewer@moodle --link
    """
    from matricula.service.permissions import granted_of
    from matricula.service.visitors import Who

    with _service(home) as service:
        roles, who = granted_of(role or [], service.home.names("site")), Who(person())
        if link:
            invited = service.account_care.invite(name, display, email, roles, who)
            _tell_link(service, invited.account.name, invited.code)
            return
        account = service.account_care.add(name, display, email, _password(password_file), roles, who)
        Screen().line(f"{account.name} can sign in now.", "green")


def list_(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Tell the accounts there are, and what each may do.

    Example:
      matricula account list
    """
    from matricula.service.permissions import in_words

    screen = Screen(as_json=as_json)
    with _service(home) as service:
        accounts = service.store.accounts.all()
    if as_json:
        screen.json(
            [
                {
                    "name": each.name,
                    "display": each.display,
                    "email": each.email,
                    "state": each.state,
                    "roles": [f"{granted.role}@{granted.site}" for granted in each.roles],
                    "second_factor": each.second_factor,
                    "seen_at": each.seen_at,
                }
                for each in accounts
            ]
        )
        return
    rows = [
        (each.name, each.display, in_words(each.roles), each.state, moment(each.seen_at) if each.seen_at else "never")
        for each in accounts
    ]
    screen.table(("user name", "name", "may do", "state", "last signed in"), rows)


def roles(name: Name, *, role: Roles = None, home: HomeDir = None) -> None:
    """Say anew what an account may do; without --role it may do nothing.

    Example:
      matricula account roles vera --role viewer --role approver@moodle
    """
    from matricula.service.permissions import granted_of, in_words
    from matricula.service.visitors import Who

    with _service(home) as service:
        account = service.accounts.named(name)
        wanted = granted_of(role or [], service.home.names("site"))
        service.account_care.set_roles(account, wanted, Who(person()))
        Screen().line(f"{account.name}: {in_words(wanted)}.", "green")


def password(name: Name, *, password_file: PasswordFile = None, link: Link = False, home: HomeDir = None) -> None:
    """Set a password that was forgotten; the account's sessions end.

    It is read as by `matricula account add`.

    Examples:
      matricula account password olga
      matricula account password vera --link
    """
    from matricula.service.visitors import Who

    with _service(home) as service:
        account = service.accounts.named(name)
        if link:
            _tell_link(service, account.name, service.account_care.new_link(account, Who(person())))
            return
        service.account_care.set_password(account, _password(password_file), Who(person()))
        Screen().line(f"{account.name} has a new password, and is signed out everywhere.", "green")


def lost_factor(name: Name, *, home: HomeDir = None) -> None:
    """Take away a second factor that was lost.

    Example:
      matricula account lost-factor olga
    """
    from matricula.service.visitors import Who

    with _service(home) as service:
        account = service.accounts.named(name)
        service.account_care.take_factor(account, Who(person()))
        Screen().line(f"{account.name} signs in with the password alone now.", "green")


def close(name: Name, *, home: HomeDir = None) -> None:
    """Let nobody sign in to an account, nor use its tokens.

    Example:
      matricula account close vera
    """
    from matricula.service.visitors import Who

    with _service(home) as service:
        account = service.accounts.named(name)
        service.account_care.close(account, Who(person()))
        Screen().line(f"{account.name} is closed.", "green")


def open_(name: Name, *, home: HomeDir = None) -> None:
    """Open a closed account again.

    Example:
      matricula account open vera
    """
    from matricula.service.visitors import Who

    with _service(home) as service:
        account = service.accounts.named(name)
        service.account_care.open(account, Who(person()))
        Screen().line(f"{account.name} is open again.", "green")


def token(
    name: Name,
    token_name: Annotated[str, typer.Argument(metavar="TOKEN", help="What the token is called.")],
    *,
    role: Roles = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="DAYS", help="After how many days it ends; by default never.")
    ] = None,
    home: HomeDir = None,
) -> None:
    """Make a token of the API for an account, and print it, once.

    Without --role it may all that its account may. Nothing else is printed on
    standard output.

    Example:
      matricula account token vera nightly-report --role viewer --days 365
    """
    from matricula.service.permissions import granted_of

    screen = Screen()
    with _service(home) as service:
        account = service.accounts.named(name)
        wanted = granted_of(role, service.home.names("site"), token=True) if role else account.roles
        made = service.accounts.tokens.make(account, token_name, wanted, days)
        service.store.audit.note("token.made", by=person(), subject=f"account {account.name}", words=token_name)
        screen.note("Keep it like a password; it is printed only now.")
        sys.stdout.write(f"{made}\n")


@contextmanager
def _service(home: Path | None) -> Iterator["Service"]:
    from matricula.service import Service

    with Home(home or default_home()) as opened:
        yield Service(opened)


def _tell_link(service: "Service", name: str, code: str) -> None:
    address = str(service.home.service().address or "").rstrip("/")
    screen = Screen()
    screen.note(f"Pass this on to {name} alone. It is good once, for three days.")
    if not address:
        screen.note("Put the address of your console before it; the service document does not name it.")
    sys.stdout.write(f"{address}/welcome?code={code}\n")


def _password(file: Path | None) -> str:
    """A password from a file, else from MATRICULA_PASSWORD, else from the person at the terminal."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                "The password cannot be read from this file.",
                where=str(file),
                remedy="See that the file is there, that you may read it, and that it is plain text.",
                code="password-file",
            ) from error
    if os.environ.get(PASSWORD_VARIABLE):
        return os.environ[PASSWORD_VARIABLE]
    if not sys.stdin.isatty():
        raise UsageError(
            "No password was given.",
            remedy=f"Name a file with --password-file, set {PASSWORD_VARIABLE}, or let the person set it with --link.",
            code="password-missing",
        )
    return str(typer.prompt("Password (it is not shown)", hide_input=True, confirmation_prompt=True, err=True))


account = {
    "add": add,
    "list": list_,
    "roles": roles,
    "password": password,
    "lost-factor": lost_factor,
    "close": close,
    "open": open_,
    "token": token,
}
"""The commands under `matricula account`."""
