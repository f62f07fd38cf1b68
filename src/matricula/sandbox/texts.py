"""How texts leave a Moodle: formatted for a page unless the caller asks for them raw."""

import html
import re
import unicodedata

from matricula.sandbox.cleaning import clean_text, strip_tags

FORMAT_MOODLE, FORMAT_HTML, FORMAT_PLAIN, FORMAT_MARKDOWN = 0, 1, 2, 4

_BARE_AMPERSAND = re.compile(r"&(?![a-zA-Z0-9#]{1,8};)")
_BETWEEN_TAGS = re.compile(r">\s+<")
_BEFORE_TAG = re.compile(r"[\n\r]<")
_AFTER_TAG = re.compile(r">[\n\r]")
_SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.IGNORECASE | re.DOTALL)


def format_string(text: str | None) -> str:
    """A one-line text as ``format_string`` shows it: ampersands escaped, tags gone."""
    if not text:
        return ""
    if "&" not in text and "<" not in text and ">" not in text:
        return text
    escaped = _BARE_AMPERSAND.sub("&amp;", text)
    return strip_tags(escaped).replace("<", "&lt;").replace(">", "&gt;")


def format_text(text: str | None, kind: int) -> tuple[str, int]:
    """A long text as ``format_text`` shows it.

    Parameters:
        text: the text as it was stored.
        kind: its format, one of the ``FORMAT_*`` numbers.

    Returns:
        the text as HTML and the format it is in now.
    """
    if not text:
        return "", kind
    if kind == FORMAT_PLAIN:
        shown = html.escape(text, quote=True).replace("&#x27;", "&#039;").replace("\n", "<br />\n")
    elif kind == FORMAT_MOODLE:
        shown = _clean_html(_AFTER_TAG.sub("> ", _BEFORE_TAG.sub(" <", _BETWEEN_TAGS.sub("><", text))))
        shown = shown.replace("\n", "<br />\n")
    else:
        shown = _clean_html(text)
    return shown, FORMAT_HTML


def _clean_html(text: str) -> str:
    return _BARE_AMPERSAND.sub("&amp;", _SCRIPT.sub("", text))


def fold(text: str | None) -> str | None:
    """The form in which MariaDB's ``utf8mb4_unicode_ci`` compares: no case, no accents, no end blanks."""
    if text is None:
        return None
    if text.isascii():
        return text.casefold().rstrip(" ")
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char)).rstrip(" ")


def lower(text: str | None) -> str | None:
    """The form in which Moodle's case-insensitive comparisons work: accents count."""
    return None if text is None else text.lower()


__all__ = ["clean_text", "fold", "format_string", "format_text", "lower"]
