"""The page of messages, read off the code: what can be said, and what to do about it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import matricula

#: What a person does next, by class; the classes of the Moodle client stand under the same four.
NEXT = {
    "RowError": "mend the row",
    "SettingError": "mend the setting",
    "WaitError": "try again later",
    "StopError": "look before going on",
    "HeldError": "look, then release or reject",
    "UsageError": "call it otherwise",
    "MatriculaError": "see the message",
    "Refused": "mend the row",
    "RolledBack": "mend the row",
    "Busy": "try again later",
    "InDoubt": "nothing: the site is read before anything is sent again",
    "TokenRefused": "mend the setting",
    "AccessRefused": "mend the setting",
    "FunctionMissing": "mend the setting",
    "NotMoodle": "mend the setting",
    "SiteFailure": "look before going on",
    "DeliveryRefusedError": "mend the delivery",
    "CourseGoneError": "mend the setting",
    "RefusedError": "mend the row",
    "TaskError": "try again later",
}


_ABOUT = (
    "Every error says what was wrong, where, and what to do. `…` stands for what differs each time. What is wrong "
    "with rows of a delivery is listed under [findings](findings.md) and [findings in plans](../findings-in-plans.md)."
)


class Message(NamedTuple):
    """One message of the program; `…` stands for what differs each time.

    Args:
        error: the error's class.
        what: what was wrong.
        remedy: what to do, empty where the message itself says it.
    """

    error: str
    what: str
    remedy: str


@cache
def messages() -> tuple[Message, ...]:
    """Every message that the code raises on purpose, by class and text."""
    package = Path(matricula.__file__).parent
    rooms = [path for path in sorted(package.rglob("*.py")) if "sandbox" not in path.relative_to(package).parts[:1]]
    found = {message for path in rooms for message in _in(ast.parse(path.read_text(encoding="utf-8")))}
    order = list(NEXT)
    return tuple(sorted(found, key=lambda each: (order.index(each.error), each.what, each.remedy)))


def messages_page(made: str) -> str:
    """The page, with the line that says it is made."""
    parts, told = [made, "# Messages", _ABOUT], messages()
    for error, what_next in NEXT.items():
        rows = [message for message in told if message.error == error]
        if rows:
            table = "\n".join(f"| {_cell(row.what)} | {_cell(row.remedy)} |" for row in rows)
            parts.append(f"## {error}: {what_next}\n\n| message | what to do |\n|---|---|\n{table}")
    return "\n\n".join(parts) + "\n"


def _in(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        named = {word.arg: word.value for word in node.keywords}
        if called in NEXT:
            what, remedy = node.args[0], named.get("remedy")
        elif called == "error" and len(node.args) > 1 and getattr(node.args[0], "id", "") in NEXT:
            called = node.args[0].id  # type: ignore[attr-defined]
            what, remedy = node.args[1], node.args[2] if len(node.args) > 2 else None
        else:
            continue
        text = _text(what)
        if any(letter.isalpha() for letter in text):
            yield Message(called, text, _text(remedy) if remedy else "")


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return "…"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
