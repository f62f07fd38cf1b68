"""Every recorded answer of two real Moodles, asked of a fresh sandbox of the same release."""

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from matricula.sandbox import Running, running

HERE = Path(__file__).parent
ANYTHING = "*"


def form_fields(value, name=""):
    """Nested parameters as PHP-style form fields: users[0][username]=..."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from form_fields(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from form_fields(inner, f"{name}[{index}]")
    else:
        yield name, "" if value is None else str(int(value) if isinstance(value, bool) else value)


class Player:
    """Plays the steps of a release's transcripts in order and remembers what they captured."""

    def __init__(self, site: Running) -> None:
        self.tokens = {**site.tokens, "bad": "0" * 32, "none": None}
        self.connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=60)
        self.names: dict[str, object] = {}

    def ask(self, step):
        query = {"wsfunction": step["call"], "moodlewsrestformat": "json"}
        token = self.tokens[step.get("as", "admin")]
        if token is not None:
            query["wstoken"] = token
        self.connection.request(
            "POST",
            f"/webservice/rest/server.php?{urlencode(query)}",
            urlencode(list(form_fields(self.named(step["params"])))),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        answer = self.connection.getresponse()
        assert answer.status == 200
        return json.loads(answer.read())

    def named(self, value):
        """The value with "$name" and "${name}" replaced by what was captured under that name."""
        if isinstance(value, dict):
            return {key: self.named(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.named(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value[:1] == "$" and value[1:] in self.names:
            return self.names[value[1:]]
        if value[:2] == "s$" and value[2:] in self.names:
            return str(self.names[value[2:]])
        return re.sub(r"\$\{(\w+)\}", lambda match: str(self.names.get(match[1], match[0])), value)

    def capture(self, step, answer):
        for name, path in step.get("capture", {}).items():
            found = answer
            for part in path.split("."):
                found = found[int(part)] if isinstance(found, list) else found[part]
            self.names[name] = found

    def differences(self, expected, got, *, unordered, where="answer") -> Iterator[str]:
        expected = self.named(expected) if isinstance(expected, str) else expected
        if expected == ANYTHING:
            return
        if isinstance(expected, dict) and isinstance(got, dict):
            for key, value in expected.items():
                if key in got:
                    yield from self.differences(value, got[key], unordered=unordered, where=f"{where}.{key}")
                else:
                    yield f"{where}.{key} is missing"
        elif isinstance(expected, list) and isinstance(got, list):
            if len(expected) != len(got):
                yield f"{where} has {len(got)} items, not {len(expected)}"
            elif unordered:
                yield from self.unordered_differences(expected, got, where)
            else:
                for index, pair in enumerate(zip(expected, got, strict=True)):
                    yield from self.differences(*pair, unordered=False, where=f"{where}[{index}]")
        elif (type(expected) is not type(got) and not {type(expected), type(got)} <= {int, float}) or expected != got:
            yield f"{where} is {got!r}, not {expected!r}"

    def unordered_differences(self, expected, got, where):
        left = list(got)
        for value in expected:
            match = next((g for g in left if not any(self.differences(value, g, unordered=True))), None)
            if match is None:
                yield f"{where} lacks {value!r}"
            else:
                left.remove(match)


@pytest.mark.parametrize("moodle", ["4.5", "5.1"])
def test_every_recorded_step_is_answered_as_the_real_moodle_did(moodle):
    wrong, played = [], 0
    with running("contract", moodle) as site:
        player = Player(site)
        for file in sorted((HERE / moodle).glob("*.json")):
            for number, step in enumerate(json.loads(file.read_text(encoding="utf-8"))["steps"], 1):
                played += 1
                answer = player.ask(step)
                player.capture(step, answer)
                unordered = step.get("unordered", False)
                wrong += [
                    f"{file.stem} step {number} {step['call']}: {difference}"
                    for difference in player.differences(step["expect"], answer, unordered=unordered)
                ]
    assert not wrong, "\n".join(wrong)
    assert played == 252
