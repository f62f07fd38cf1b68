"""Texts by which a person can be told, and their removal from free text."""

import re
from collections.abc import Iterable
from typing import Any, Final

SHORTEST: Final = 4
"""Shorter texts are never looked for inside a sentence: they would be found everywhere."""


class Terms:
    """What a person is called: sourcedIds, user names, e-mail addresses, full names.

    Args:
        texts: those known; given and family names alone are not for this, as others bear them too.
        placeholder: what stands in their place.
    """

    def __init__(self, texts: Iterable[str], placeholder: str) -> None:
        kept = {text.strip().casefold() for text in texts if len(text.strip()) >= SHORTEST}
        self.texts: Final = tuple(sorted(kept, key=lambda text: (-len(text), text)))
        self._placeholder = placeholder
        alternatives = "|".join(map(re.escape, self.texts))
        self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE) if self.texts else None

    def scrub(self, text: str) -> str:
        """The text without the terms."""
        return self._pattern.sub(self._placeholder, text) if self._pattern else text

    def scrub_all(self, value: Any) -> Any:
        """The same for every text inside a JSON value."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, list):
            return [self.scrub_all(each) for each in value]
        if isinstance(value, dict):
            return {self.scrub(name): self.scrub_all(each) for name, each in value.items()}
        return value
