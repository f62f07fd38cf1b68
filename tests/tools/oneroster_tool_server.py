"""A learning tool that offers OneRoster, with the faults of the contract of tools that such a service can have."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from gradebook_service import KEY, SECRET, Gradebooks, raw, running
from matricula.tools import ToolSettings, ToolSurroundings, open_tool

_CAN = {"too_many", "html", "half_answer", "drop_before"}


class Faults:
    """Faults by name; a test of one that concerns another kind of tool is skipped."""

    def __init__(self) -> None:
        self.retry_after = 0
        self.too_many, self.html, self.half_answer, self.drop_before = (SimpleNamespace(times=0) for _ in range(4))

    def set(self, **faults: Any) -> None:
        for name, told in faults.items():
            if name == "retry_after":
                self.retry_after = told
            elif name in _CAN:
                if str(told.get("function", "")).startswith("student."):
                    pytest.skip("OneRoster lets rosters only be read")
                getattr(self, name).times = told["times"]
            elif told and (not isinstance(told, dict) or told.get("times")) and name != "polls":
                pytest.skip("a service of OneRoster has no such fault")

    def answer(self, *_: object):
        for name in _CAN:
            fault = getattr(self, name)
            if fault.times:
                fault.times -= 1
                return getattr(self, f"_{name}")()
        return None

    def _too_many(self):
        return raw("later", 429, retry_after=str(self.retry_after))

    def _html(self):
        return raw("<!doctype html><p>Sign in", content_type="text/html")

    def _half_answer(self):
        return raw('{"classes": [{"so')

    def _drop_before(self):
        return raw("{", content_length="1000")


class State:
    """Classes, as the contract of tools makes courses."""

    def __init__(self, served: Gradebooks) -> None:
        self._served = served
        self.lessons = _Lessons()

    def add_course(self, name: str, code: str = "", *, enabled: bool = False) -> str:
        del enabled
        one = str(len(self._served.classes) + 1000)
        self._served.classes[one], self._served.titles[one] = "north", name
        self._served.codes[one], self._served.students = code, ()
        return one


class _Lessons(dict):
    def __setitem__(self, _name: object, _lessons: object) -> None:
        pytest.skip("lessons of that shape are kuraCloud's")


@contextmanager
def oneroster_tool(version: str = "1.2", method: str = "client-credentials") -> Iterator[Any]:
    """A served tool, and the adapter that asks it."""
    with running(Gradebooks(version, method)) as served:
        faults = Faults()
        served.before.append(faults.answer)
        url = f"{served.address}/ims/oneroster/v1p1" if version == "1.1" else served.address
        settings = settings_of(served, url)
        with open_tool(settings, ToolSurroundings(lambda: SECRET, pause=lambda _: None)) as tool:
            running_tool = SimpleNamespace(
                faults=faults, state=State(served), url=url, served=served, settings=settings
            )
            yield running_tool, tool


def settings_of(served: Gradebooks, url: str, **changes: Any) -> ToolSettings:
    """Settings that reach a served tool."""
    told: dict[str, Any] = {"client_id": "" if served.method == "bearer" else KEY}
    if served.method == "client-credentials":
        told["token_url"] = f"{served.address}/token"
    return ToolSettings(**{"name": "orbit", "type": "oneroster", "url": url, "timeout": 5} | told | changes)
