"""The plugins for Moodle that come with Matricula, packed as Moodle's own installer takes them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from matricula.errors import SettingError, UsageError

WHAT_FOR: Final[Mapping[str, str]] = {
    "local_matricula": "One ready-made service, so that one token is all there is to set up; bulk reading and writing.",
    "enrol_matricula": "An enrolment method of Matricula's own, apart from what teachers enrol by hand.",
    "block_matricula": "A block in courses: how the course stands, previews of enrolments and grades.",
    "auth_matricula": "Signing on: whom Matricula let in goes on to Moodle without another password.",
}
_FOLDER: Final = "moodle-plugins"
_IN_PACKAGE: Final = "moodle_plugins"
# A point in time that every zip can hold: the same files are the same bytes whenever and wherever they are packed.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_TEXT: Final = r"\$plugin->{}\s*=\s*'([^']+)'\s*;"
_NUMBER: Final = r"\$plugin->{}\s*=\s*([0-9]{{10}})(?:\.[0-9]+)?\s*;"
_SUPPORTED: Final = re.compile(r"\$plugin->supported\s*=\s*\[\s*(\d{3,4})\s*,\s*(\d{3,4})\s*\]\s*;")
_COMPONENT: Final = re.compile(r"[a-z]+_[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class MoodlePlugin:
    """A plugin for Moodle.

    Args:
        name: its component, such as `local_matricula`.
        version: its version, as Moodle compares it.
        release: its version for people.
        oldest: the oldest Moodle that it is made for, such as `4.1`; empty where it does not say.
        newest: the newest one; empty where it does not say.
        folder: its sources.
    """

    name: str
    version: int
    release: str
    oldest: str
    newest: str
    folder: Path

    @property
    def what_for(self) -> str:
        """What it adds to a Moodle, in a sentence."""
        return WHAT_FOR.get(self.name, "")

    @property
    def moodles(self) -> str:
        """The versions of Moodle that it is made for, in words."""
        return f"{self.oldest} to {self.newest}" if self.oldest else "not said"

    @property
    def file_name(self) -> str:
        """The name of its zip."""
        return f"{self.name}-{self.version}.zip"

    def files(self) -> Iterator[Path]:
        """Its files in the order of their names; hidden ones are none."""
        for path in sorted(self.folder.rglob("*"), key=lambda each: each.relative_to(self.folder).as_posix()):
            inside = path.relative_to(self.folder)
            if path.is_file() and not any(part.startswith((".", "__")) for part in inside.parts):
                yield path

    def packed(self) -> bytes:
        """The plugin as a zip that `Site administration > Plugins > Install plugins` takes.

        Its only folder bears the plugin's name without its kind, which is what Moodle's installer asks for. The same
        sources give the same bytes: nothing in it tells when, where or by whom it was packed, and the files are stored
        as they are, since what compressing makes of them differs from one zlib to the next.
        """
        top = self.name.partition("_")[2]
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_STORED) as archive:
            for path in self.files():
                entry = ZipInfo(f"{top}/{path.relative_to(self.folder).as_posix()}", _TIME)
                entry.create_system, entry.external_attr = 3, _MODE
                archive.writestr(entry, path.read_bytes())
        return packed.getvalue()


def moodle_plugins(folder: Path | None = None) -> list[MoodlePlugin]:
    """The plugins there are, in the order in which they are installed.

    Args:
        folder: where they are; by default those that come with Matricula.

    Raises:
        SettingError: one of them cannot be read.
    """
    place = folder or _shipped()
    found = [each for each in place.iterdir() if each.is_dir() and _COMPONENT.fullmatch(each.name)]
    return [_read(each) for each in sorted(found, key=_turn)]


def _turn(folder: Path) -> tuple[bool, bool, str]:
    """Others need local_matricula; the enrolment method is what most schools want beside it."""
    return folder.name != "local_matricula", not folder.name.startswith("enrol_"), folder.name


def moodle_plugin(name: str, folder: Path | None = None) -> MoodlePlugin:
    """A plugin by its name.

    Raises:
        UsageError: there is none.
        SettingError: one of them cannot be read.
    """
    found = {each.name: each for each in moodle_plugins(folder)}
    if name not in found:
        raise UsageError(
            f"There is no plugin {name[:60]}.",
            where="plugins",
            remedy=f"There are {', '.join(found)}.",
            code="plugin-unknown",
        )
    return found[name]


@cache
def _shipped() -> Path:
    """The folder of the plugins: in the installed package, or beside `src` in a checkout."""
    package = Path(str(files("matricula")))
    for place in (package / _IN_PACKAGE, package.parents[1] / _FOLDER):
        if place.is_dir():
            return place
    raise SettingError(
        "The plugins for Moodle are missing from this installation.",
        where=str(package / _IN_PACKAGE),
        remedy="Install Matricula anew from its wheel or its container, or run it from a complete checkout.",
        code="plugins-missing",
    )


def _read(folder: Path) -> MoodlePlugin:
    """A plugin by its version.php, which Moodle itself reads in the same way (`core_plugin_manager`)."""
    try:
        text = (folder / "version.php").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(folder, "it is missing or no text") from error
    told = {
        "component": re.search(_TEXT.format("component"), text),
        "version": re.search(_NUMBER.format("version"), text),
        "requires": re.search(_NUMBER.format("requires"), text),
    }
    if lacking := [name for name, found in told.items() if found is None]:
        raise _unreadable(folder, f"it does not say {' and '.join(lacking)}")
    if (name := _said(told["component"])) != folder.name:
        raise _unreadable(folder, f"it says that it is {name}")
    release = re.search(_TEXT.format("release"), text)
    supported = _SUPPORTED.search(text)
    oldest, newest = (_branch(each) for each in supported.groups()) if supported else ("", "")
    return MoodlePlugin(name, int(_said(told["version"])), _said(release), oldest, newest, folder)


def _said(found: re.Match[str] | None) -> str:
    return found[1] if found else ""


def _branch(number: str) -> str:
    """A branch of Moodle as people write it: 401 is 4.1, 501 is 5.1, 39 would be 3.9."""
    return f"{int(number[:-2])}.{int(number[-2:])}"


def _unreadable(folder: Path, why: str) -> SettingError:
    return SettingError(
        f"The version.php of the plugin {folder.name} cannot be used: {why}.",
        where=str(folder / "version.php"),
        remedy="Moodle would not install it. Mend the file; component has to be the name of the folder.",
        code="plugin-unreadable",
    )
