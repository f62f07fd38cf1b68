"""Queries: that each is one reading statement, and the values bound to its parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Date, Float, String, TextClause, bindparam, text
from sqlalchemy.types import TypeEngine

from matricula.errors import SettingError

Scalar = bool | int | float | date | str
Value = Scalar | list[Scalar]
"""What may be given for a parameter."""

_QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]\n]*\]"
_QUOTED_MYSQL = r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|`[^`]*`"
_COMMENT = r"--[^\n]*|/\*.*?\*/"
_READS = re.compile(r"[\s(]*(?:select|with)\b", re.IGNORECASE)
_ACTS = re.compile(
    r"(?<![\w.@])(insert|update|delete|merge|into|drop|alter|create|truncate|grant|revoke|exec|execute|call|"
    r"lock\s+in|for\s+(?:no\s+key\s+)?(?:key\s+)?(?:update|share))\b(?!\s*\()",
    re.IGNORECASE,
)


_NAME = re.compile(r"""[\w$."`\[\]]+""")
_SOURCE = re.compile(r"""\b(?:from|join)\s+(?:[`"\[]?([\w$]+)[`"\]]?\.)?[`"\[]?([\w$]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Query:
    """What is read for one table of the roster.

    Args:
        table: the table.
        written: the statement, or the name of a view or table of which everything is read.
        file: the file of a preset in which it stands; empty where a document has it.
    """

    table: str
    written: str
    file: str = ""

    @property
    def origin(self) -> str:
        """Where it stands, for people."""
        return self.file or f"query of {self.table}"

    @property
    def sql(self) -> str:
        """The statement."""
        written = self.written.strip()
        if _NAME.fullmatch(written):
            return f"SELECT * FROM {written}"  # noqa: S608 - letters, dots and quotes alone
        return written.removesuffix(";")

    @property
    def words(self) -> set[str]:
        """All words of it in small letters, names of tables among them."""
        return {word.casefold() for word in re.findall(r"[\w$]+", self.sql)}

    @property
    def tables(self) -> list[tuple[str, str]]:
        """Schema (empty where it is not named) and name of what stands behind FROM and JOIN."""
        return [(match[1] or "", match[2]) for match in _SOURCE.finditer(self.sql)]

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters that it uses."""
        return list(self._text().compile().params)

    def fault(self, dialect: str) -> str:
        """Why it is not one statement that reads; empty where it is.

        The database's read-only transaction and the rights of the account are what protects it; this tells
        beforehand, and there are databases that know no such transaction.

        Args:
            dialect: SQLAlchemy's name of the dialect, whose quotes and comments are meant.
        """
        bare = _bare(self.sql, dialect)
        if not bare.strip():
            return "it is empty"
        if "/*!" in bare or "/*M!" in bare:
            return "it holds a comment that MariaDB and MySQL would carry out (“/*!”)"
        if ";" in bare.rstrip().removesuffix(";"):
            return "it holds several statements (“;”); a single SELECT is needed"
        if not _READS.match(bare):
            return "it does not begin with SELECT or WITH"
        if acts := _ACTS.search(bare):
            word = " ".join(acts[1].upper().split())
            return f"it holds {word}, which changes or locks something; a column of that name is put in quotes"
        return ""

    def statement(self, values: Mapping[str, Value | None]) -> TextClause:
        """The statement with the values it uses bound to it, never pasted into its text.

        Args:
            values: of all parameters that there are, by name.

        Raises:
            SettingError: it uses a parameter that there is not.
        """
        if unknown := [name for name in self.parameters if name not in values]:
            raise SettingError(
                f"It uses the parameter :{unknown[0]}, which there is not.",
                where=self.origin,
                remedy=f"Set it under `parameters`; there are: {', '.join(values)}. Write \\: where a colon is meant.",
                code="sql-parameter",
            )
        return self._text().bindparams(*(_bound(name, values[name]) for name in self.parameters))

    def _text(self) -> TextClause:
        return text(self.sql)


def _bare(sql: str, dialect: str) -> str:
    """The statement without what stands in quotes and in comments, save those comments that MySQL carries out."""
    mysql = dialect in ("mysql", "mariadb")
    comment = _COMMENT + (r"|\#[^\n]*" if mysql else "")
    parts = re.compile(f"({_QUOTED_MYSQL if mysql else _QUOTED})|({comment})", re.DOTALL)
    return parts.sub(lambda found: _left_of(found, mysql=mysql), sql)


def _left_of(found: re.Match[str], *, mysql: bool) -> str:
    if found[1]:
        return "''"
    return found[2] if mysql and found[2].startswith(("/*!", "/*M!")) else " "


def _bound(name: str, value: Value | None) -> BindParameter[object]:
    if isinstance(value, list):
        return bindparam(name, value, type_=String(), expanding=True)
    return bindparam(name, value, type_=_type_of(value))


def _type_of(value: Value | None) -> TypeEngine[Any]:
    if isinstance(value, bool | int):
        return BigInteger()
    if isinstance(value, float):
        return Float()
    return Date() if isinstance(value, date) else String()
