"""Somebody with odd names in a small school, and everything that a state holds, for tests of what is kept of people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, create_engine, select

from matricula.store import schema

if TYPE_CHECKING:
    from corridor import Corridor

KEY, USERNAME, EMAIL = "stu-qx77", "zyphrine.quark", "zyphrine@quark.example"
GIVEN, FAMILY = "Zyphrine", "Quarkovič-Ångström"
PLANTED = (KEY, USERNAME, "quark.example", GIVEN, FAMILY)


def plant(folder: Path, number: int = 1, email: str = EMAIL) -> str:
    """Give a student of a school that was written the odd names; returns what the key was."""
    users = folder / "users.csv"
    lines = users.read_text(encoding="utf-8").splitlines()
    place = [place for place, line in enumerate(lines) if line.startswith("stu-")][number]
    old = lines[place].split(",")
    cells = dict(zip(lines[0].split(","), old, strict=True))
    cells |= {"username": USERNAME, "email": email, "givenName": GIVEN, "familyName": FAMILY}
    lines[place] = ",".join(cells.values())
    users.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in ("users.csv", "enrollments.csv"):
        file = folder / name
        file.write_text(file.read_text(encoding="utf-8").replace(old[0], KEY), encoding="utf-8")
    return old[0]


def leave(folder: Path) -> None:
    """Take the person out of the school."""
    for name in ("users.csv", "enrollments.csv"):
        file = folder / name
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join(line for line in lines if KEY not in line) + "\n", encoding="utf-8")


def everything(corridor: Corridor, address: str) -> str:
    """All that a state holds: its files byte for byte, or all columns of PostgreSQL, and what is packed inside."""
    parts = [_bytes_of(corridor.home.folder)] if "://" not in address else [_columns_of(address)]
    for source in corridor.home.names("source"):
        delivery = corridor.home.store.kept.delivery(source)
        if delivery is not None:
            parts += [draft.frame.write_csv() for draft in delivery.drafts.values()]
            parts += [str(draft.lost | draft.lost_owners | draft.lost_pairs) for draft in delivery.drafts.values()]
    return "\n".join(parts)


def _bytes_of(folder: Path) -> str:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    assert any(file.name == "matricula.db" for file in files)
    return "\n".join(file.read_bytes().decode("utf-8", errors="replace") for file in files)


def _columns_of(address: str) -> str:
    engine = create_engine(address)
    with engine.connect() as connection:
        cells = [
            str(cell)
            for table in schema.metadata.sorted_tables
            for row in connection.execute(
                select(*(column for column in table.c if not isinstance(column.type, LargeBinary)))
            )
            for cell in row
        ]
    engine.dispose()
    return "\n".join(cells)


def found_in(text: str) -> list[str]:
    """Which of the planted texts stand in a text, also as JSON and SQL would write them, whatever their case."""
    folded = text.casefold()
    return [each for each in PLANTED if each.casefold() in folded or _escaped(each) in folded]


def _escaped(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00").casefold()
