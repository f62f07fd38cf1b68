"""From the bytes of a file in any encoding to UTF-8, saying which one it was taken for."""

import re
from collections.abc import Iterable

from charset_normalizer import from_bytes

from matricula.roster import FindingBook
from matricula.sources.text import clean_text

_SAMPLE = 64 * 1024
_WESTERN = "cp1252"
_MODERN = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "gb18030", "big5", "euc_kr", "shift_jis")
_OLD = ("mac_roman", "cp850", "shift_jis", "gb18030", "big5")
_COUSINS = frozenset({"cp1250", "cp1257", "cp1254"})
"""Alphabets that share so many places with the western one that a few names cannot tell them from it."""
_WORD = re.compile(rb"[\w.'-]*[\x80-\xff]+[\w\x80-\xff.'-]*")
_NAMES = {
    "cp1252": "windows-1252",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "cp1253": "windows-1253",
    "cp1254": "windows-1254",
    "cp1257": "windows-1257",
    "mac_roman": "mac-roman",
}


def to_utf8(data: bytes, file: str, encoding: str, book: FindingBook) -> bytes:
    """Bring a file to UTF-8 without a mark and with LF or CR LF line ends.

    UTF-8 and UTF-16 are told for certain. Any other encoding is a guess, which is said with a word of the file read
    in it; a setting settles it.

    Args:
        data: the file.
        file: its name, for findings.
        encoding: the encoding if it is known, else empty.
        book: where findings go.

    Raises:
        StopError: the file is no text.
    """
    told = FindingBook()
    if encoding:
        return clean_text(data.decode(encoding, errors="replace").encode(), file, "", told)
    text = clean_text(data, file, "", told)
    if not any(found.code == "encoding-other" and "UTF-16" not in found.message for found in told):
        return text
    guesses = guessed(data)
    word = _telling_word(data)
    shown = ", ".join(
        f"{_NAMES.get(each, each)} (“{read}”)"
        for each, read in _different((each, word.decode(each, errors="replace")) for each in guesses)
    )
    first, _, others = shown.partition("), ")
    message = f"It is not written in UTF-8. It was read as {first}{')' if others else ''}"
    message += f"; it may also be {others}." if others else "."
    book.add("encoding-guessed", message, file=file)
    return clean_text(data.decode(guesses[0], errors="replace").encode(), file, "", told)


def guessed(data: bytes) -> list[str]:
    """The encodings that a text may be in, the likeliest first."""
    sample = _telling_lines(data)
    high = [byte for byte in sample if byte >= 0x80]
    # Western Windows and ISO texts have their letters above 0xBF and next to nothing below 0xA0; those of old
    # Macintoshes and of DOS are the other way round.
    candidates = _OLD if sum(byte < 0xA0 for byte in high) * 2 > len(high) else _MODERN
    found = from_bytes(sample, cp_isolation=list(candidates))
    names = [each.encoding for each in found if each.encoding in candidates]
    if candidates is _MODERN and (not names or names[0] in _COUSINS):
        western = _decoded(sample, _WESTERN)
        if not names or western in {str(each) for each in found}:
            names.insert(0, _WESTERN)
    names += [name for name in candidates if name not in names and _decoded(sample, name) and name in _OLD[:2]]
    return list(dict.fromkeys(names or [_WESTERN]))


def _decoded(sample: bytes, encoding: str) -> str:
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _telling_lines(data: bytes) -> bytes:
    lines = {line for line in data.splitlines() if not line.isascii()}
    return b"\n".join(sorted(lines))[:_SAMPLE]


def _telling_word(data: bytes) -> bytes:
    words = _WORD.findall(data[: _SAMPLE * 16]) or _WORD.findall(data)
    return max(words, key=lambda word: sum(byte >= 0x80 for byte in word), default=b"")[:40]


def _different(readings: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    by_reading: dict[str, str] = {}
    for encoding, read in readings:
        by_reading.setdefault(read, encoding)
    return [(encoding, read) for read, encoding in by_reading.items()][:3]
