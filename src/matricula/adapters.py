"""Adapters by their kind: what stands as `type` in a document, and the class that stands for it."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from matricula.errors import SettingError


class Adapters(Mapping[str, type[Any]]):
    """The classes of a room's adapters, by kind. A module is loaded when its kind is asked for: each brings libraries.

    Args:
        word: what such a thing is called, as `source`.
        room: the package that holds the modules.
        classes: module and name of each class, below the room.
    """

    def __init__(self, word: str, room: str, classes: Mapping[str, str]) -> None:
        self._word = word
        self._room = room
        self._classes = classes

    def __getitem__(self, kind: str) -> type[Any]:
        module, _, name = self._classes[kind].partition(".")
        found: type[Any] = getattr(import_module(f"{self._room}.{module}"), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def of(self, kind: object, where: str = "") -> type[Any]:
        """The class of a kind.

        Args:
            kind: what stands as `type`.
            where: the document, for people; the word itself where it has no name yet.

        Raises:
            SettingError: there is no such kind.
        """
        if not isinstance(kind, str) or kind not in self._classes:
            raise SettingError(
                f"There is no kind of {self._word} “{kind}”.",
                where=f"{where or self._word}, type",
                remedy=f"Kinds of {self._word} are: {', '.join(self)}.",
                code=f"{self._word}-type",
            )
        return self[kind]
