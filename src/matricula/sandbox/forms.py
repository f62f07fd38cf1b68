"""Form fields as PHP reads them: ``users[0][name]=x`` becomes nested arrays."""

from typing import Any
from urllib.parse import unquote_plus


def parse_form(text: str, limit: int, *, beyond: int = 0) -> tuple[dict[str, Any], int]:
    """Reads ``application/x-www-form-urlencoded`` text.

    PHP stops reading silently at ``max_input_vars``; of a body it keeps one field more than the
    limit, of a query string exactly the limit (seen on PHP 8.2).

    Parameters:
        text: the query string or the body.
        limit: ``max_input_vars``, in fields; 0 for no limit.
        beyond: how many fields past the limit are still kept.

    Returns:
        the nested values (dicts in the order of arrival; list indexes are keys) and the number of
        fields that were dropped.
    """
    pairs = [pair for pair in text.split("&") if pair]
    kept = pairs[: limit + beyond] if limit else pairs
    values: dict[str, Any] = {}
    for pair in kept:
        name, _, value = pair.partition("=")
        _store(values, unquote_plus(name, errors="surrogateescape"), _decoded(value))
    return values, len(pairs) - len(kept)


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape") if "%" in text or "+" in text else text


def _store(values: dict[str, Any], name: str, value: str) -> None:
    base, *keys = _path(name)
    if not base:
        return
    where = values
    for key in keys:
        inner = where.get(base)
        if not isinstance(inner, dict):
            inner = where[base] = {}
        where, base = inner, key if key else _next_index(inner)
    where[base] = value


def _path(name: str) -> list[str]:
    head, bracket, rest = name.lstrip(" ").partition("[")
    head = head.replace(".", "_").replace(" ", "_")
    if not bracket:
        return [head]
    if "]" not in rest:
        return [f"{head}_{rest}"]
    keys = [head]
    while "]" in rest:
        key, _, rest = rest.partition("]")
        keys.append(key)
        if not rest.startswith("["):
            break
        rest = rest[1:]
    return keys


def _next_index(values: dict[str, Any]) -> str:
    numbers = [int(key) for key in values if key.isdecimal()]
    return str(max(numbers) + 1 if numbers else 0)
