"""Tickets as Matricula makes them and as forgers would, and the plugin's verdict on each."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from matricula.sign_on.account import Account
from matricula.sign_on.ticket import Parties, TicketKey, ticket

PLUGIN = Path(__file__).parents[2] / "moodle-plugins" / "auth_matricula"
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
SECRET, FORMER = "s" * 40, "f" * 40
KEY = TicketKey("matricula-moodle", SECRET)
PARTIES = Parties("https://matricula.school.example", "moodle", "https://moodle.school.example/m")
LENA = Account(17, "lena")
SETTINGS = {
    "application": KEY.application,
    "secret": SECRET,
    "previous": "",
    "previousuntil": 0,
    "issuer": PARTIES.issuer,
    "site": PARTIES.url,
    "leeway": 30,
}


def php_or_skip() -> str:
    php = shutil.which("php")
    if php is None:
        pytest.skip("php is not on this machine")
    return php


def verdicts(cases, act="login"):
    """What the plugin says of tickets, each with settings and seconds after `NOW`."""
    library = os.environ.get("MATRICULA_PHP_JWT", "")
    told = [
        {"ticket": text, "settings": SETTINGS | settings, "act": act, "now": int(NOW.timestamp()) + seconds}
        for text, settings, seconds in cases
    ]
    done = subprocess.run(
        [php_or_skip(), Path(__file__).with_name("check_tickets.php"), PLUGIN, library],
        input=json.dumps(told), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


def verdict(text, *, seconds=0, act="login", **settings):
    return verdicts([(text, settings, seconds)], act)[0]


def made(**more):
    """A ticket as Matricula makes it."""
    told = {"key": KEY, "parties": PARTIES, "account": LENA, "now": NOW, "life": 60} | more
    return ticket(told.pop("key"), told.pop("parties"), told.pop("account"), **told)


def claims_of(text):
    return json.loads(_bytes(text.split(".")[1]))


def signed(claims, *, secret=SECRET, header=None):
    """A ticket with any claims and header, signed as HS256."""
    header = {"alg": "HS256", "typ": "JWT", "kid": KEY.application} | (header or {})
    header = {name: value for name, value in header.items() if value is not None}
    parts = ".".join(_text(json.dumps(each).encode()) for each in (header, claims))
    return f"{parts}.{_text(hmac.new(secret.encode(), parts.encode(), hashlib.sha256).digest())}"


def altered(**claims):
    """A well-signed ticket with other claims; None takes one out."""
    told = claims_of(made()) | claims
    return signed({name: value for name, value in told.items() if value is not None})


def _text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
