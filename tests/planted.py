"""Searches everything that the code under test prints, logs, warns of or raises, in every test, for its secrets, and
its logs for the people of the test.

A secret is whatever is one to the product (`logs.hide`: tokens, keys, passwords), a token of a sandbox, or what a test
hands to a source as a secret. What is heard is what commands print, in this process or another one, log records,
warnings, what pytest captured, and the texts of all errors of the product, whether shown or not. A test in which the
one stands in the other fails, and says where, without repeating it. Names of people belong on screens and in plans; in
what is logged or warned of they have no place, and there all people of whom the test makes a plan are looked for.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import quote

SHORTEST = 6
#: Secrets of tests that are words of the language, too.
WORDS = frozenset({"secret", "password", "passwords"})
#: Longer ones are keys, of which each home has its own: those of earlier tests are not looked for in later ones.
LONGEST_KEPT = 40


#: How the places are called that no name of a person may stand in.
LOGS = ("the log", "a warning")


@dataclass
class Planted:
    """What was planted and what was heard.

    Args:
        kept: secrets that later tests know, too.
        here: secrets of this test.
        texts: what was heard in this test, with where it was.
        people: names of people of whom this test made a plan.
    """

    people: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    here: set[str] = field(default_factory=set)
    texts: list[tuple[str, str]] = field(default_factory=list)

    def know(self, secret: object) -> None:
        """Take a secret in, also as it would stand in an address."""
        if isinstance(secret, str) and len(secret.strip()) >= SHORTEST and secret.casefold() not in WORDS:
            forms = {secret, quote(secret, safe="")}
            self.here |= forms
            self.kept |= forms if len(secret) <= LONGEST_KEPT else set()

    def meet(self, names: Iterable[str | None]) -> None:
        """Take people in; a name of one word may be a word of the program, too."""
        self.people.update(name for name in names if name and " " in name.strip() and len(name) >= SHORTEST)

    def derived(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """First passwords are worked out for a test's own people: the next test need not know them."""

        @wraps(real)
        def password_of(*arguments: Any) -> Callable[[str, str], str]:
            of = real(*arguments)

            def learnt(key: str, username: str) -> str:
                password: str = of(key, username)
                self.here.add(password)
                return password

            return learnt

        return password_of

    def hear(self, where: str, text: object) -> None:
        """Take in what was said."""
        told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        if isinstance(told, str) and told:
            self.texts.append((where, told))

    def leaks(self, sections: Iterable[tuple[str, str]] = ()) -> list[str]:
        """Where a secret was heard; a new test begins afterwards."""
        told: dict[str, list[str]] = {}
        for where, text in [*self.texts, *sections]:
            told.setdefault(where, []).append(text)
        found = []
        for where, texts in told.items():
            whole = "\n".join(texts)
            # Lines of a screen are wrapped, and a secret may stand on two of them.
            unwrapped = whole.replace("\n", "")
            found += [
                f"{where}: {secret[:2]}… ({len(secret)} characters)"
                for secret in sorted(self.kept | self.here)
                if secret in whole or secret in unwrapped
            ]
            if where.startswith(LOGS):
                found += [f"{where}: {name[:2]}…, a person" for name in sorted(self.people) if name in whole]
        self.here, self.texts, self.people = set(), [], set()
        return found


PLANTED = Planted()


def listen() -> None:
    """Begin to listen; before any other module of the tests is loaded, so that all of them get what listens."""
    from matricula import errors, logs
    from matricula.cli import main
    from matricula.planning import passwords
    from matricula.sandbox import fixtures
    from matricula.sandbox.tools import ToolSandbox
    from matricula.sources import protocol
    from matricula.store import plans

    _learn(logs, "hide", lambda arguments, _: PLANTED.know(arguments[0]))
    _learn(fixtures, "add_token", lambda _, token: PLANTED.know(token))
    _learn(passwords, "password_of", None, PLANTED.derived)
    _learn(main, "run", None)
    made = errors.MatriculaError.__init__

    @wraps(made)
    def making(self: Any, what: str, **more: str) -> None:
        made(self, what, **more)
        PLANTED.hear(f"the error {self.code}", f"{what} {more.get('where', '')} {more.get('remedy', '')}")

    errors.MatriculaError.__init__ = making  # type: ignore[method-assign]
    _learn_secrets_of_sources(protocol.Surroundings)
    _learn_tokens_of_tools(ToolSandbox)
    _hear_processes()
    _hear_warnings()
    _hear_events(logs)
    _meet_people(plans.Plans)
    logging.getLogger().addHandler(_Heard())


class _Heard(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        PLANTED.hear(f"the log {record.name}", record.getMessage())


class _Tee:
    """A stream that is heard, and otherwise the one it stands before."""

    def __init__(self, stream: Any, where: str) -> None:
        self._stream, self._where = stream, where

    def write(self, text: str) -> Any:
        PLANTED.hear(self._where, text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _learn(
    module: Any,
    name: str,
    tell: Callable[[tuple[Any, ...], Any], None] | None,
    around: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
) -> None:
    """Put something that listens in the place of a function, also where it was imported already."""
    real = getattr(module, name)

    @wraps(real)
    def told(*arguments: Any, **more: Any) -> Any:
        given = real(*arguments, **more)
        if tell:
            tell(arguments, given)
        return given

    @wraps(real)
    def heard(arguments: Sequence[str]) -> int:
        if shows_tokens(arguments):
            return int(real(arguments))
        out, err = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Tee(out, "standard output"), _Tee(err, "standard error")
        try:
            return int(real(arguments))
        finally:
            sys.stdout, sys.stderr = out, err

    listening = around(real) if around else told if tell else heard
    for each in list(sys.modules.values()):
        if getattr(each, "__name__", "").startswith("matricula") and getattr(each, name, None) is real:
            setattr(each, name, listening)


def shows_tokens(arguments: object) -> bool:
    """Whether a command prints tokens on purpose: those of a sandbox, which open nothing but that, and new ones."""
    makes = list(arguments)[2:4] == ["block", "secret"] if isinstance(arguments, Sequence) else False
    return isinstance(arguments, Sequence) and (makes or "sandbox" in arguments or "account" in arguments)


def _learn_secrets_of_sources(surroundings: type[Any]) -> None:
    made = surroundings.__init__

    @wraps(made)
    def making(self: Any, *arguments: Any, **more: Any) -> None:
        made(self, *arguments, **more)
        real = self.secret

        def secret(which: str) -> str:
            given: str = real(which)
            PLANTED.know(given)
            return given

        object.__setattr__(self, "secret", secret)

    surroundings.__init__ = making


def _learn_tokens_of_tools(sandbox: type[Any]) -> None:
    made = sandbox.__init__

    @wraps(made)
    def making(self: Any, *arguments: Any, **more: Any) -> None:
        made(self, *arguments, **more)
        PLANTED.know(self.token)

    sandbox.__init__ = making


def _hear_events(logs: Any) -> None:
    """Hear each event as it would stand in the log, also where a test has none."""

    def around(real: Callable[..., None]) -> Callable[..., None]:
        @wraps(real)
        def event(name: str, /, **fields: object) -> None:
            told = logs._redact(None, "", logs._only_allowed(None, "", {"event": name, **fields}))
            PLANTED.hear("the log of events", json.dumps(told, ensure_ascii=False))
            real(name, **fields)

        return event

    _learn(logs, "event", None, around)


def _meet_people(plans: type[Any]) -> None:
    real = plans.add

    @wraps(real)
    def add(self: Any, plan: Any, changes: Any, *more: Any, **named: Any) -> int:
        PLANTED.meet(changes["person"].unique())
        return int(real(self, plan, changes, *more, **named))

    plans.add = add


def _hear_processes() -> None:
    real = subprocess.Popen.communicate

    @wraps(real)
    def communicate(self: Any, *arguments: Any, **more: Any) -> Any:
        out, err = real(self, *arguments, **more)
        if not shows_tokens(self.args):
            PLANTED.hear("standard output of another process", out)
            PLANTED.hear("standard error of another process", err)
        return out, err

    subprocess.Popen.communicate = communicate  # type: ignore[method-assign]


def _hear_warnings() -> None:
    real = warnings.warn

    @wraps(real)
    def warn(message: Any, category: Any = None, stacklevel: int = 1, **more: Any) -> None:
        PLANTED.hear("a warning", str(message))
        real(message, category, stacklevel + 1, **more)

    warnings.warn = warn  # type: ignore[assignment]
