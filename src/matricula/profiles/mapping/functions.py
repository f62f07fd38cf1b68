"""The functions that a placeholder may use: all there are, and what each takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Takes = Literal["text", "number", "table", "text or property", "date form"]


@dataclass(frozen=True)
class Parameter:
    """What an argument has to be.

    Args:
        name: for the reference page.
        takes: the sort of argument.
        required: whether it has to be there.
        filled: whether a text must hold at least one character.
    """

    name: str
    takes: Takes
    required: bool = True
    filled: bool = False


@dataclass(frozen=True)
class Function:
    """One function of the language.

    Args:
        name: as it is written.
        arguments: in their order; those that need not be there come last.
        meaning: one or two sentences for the reference page.
        example: a template.
        result: what the example gives for the person and class of the reference page.
    """

    name: str
    arguments: tuple[Parameter, ...]
    meaning: str
    example: str
    result: str

    @property
    def signature(self) -> str:
        """As the reference page shows it: `substring(start, length?)`."""
        names = ", ".join(parameter.name + ("" if parameter.required else "?") for parameter in self.arguments)
        return f"{self.name}({names})" if names else self.name


_SEPARATOR = Parameter("separator", "text", required=False)
_LENGTH = Parameter("length", "number", required=False)

_ALL = (
    Function(
        "trim",
        (),
        "Takes blanks at both ends away.",
        "{person.metadata.house|trim}",
        "Red",
    ),
    Function("lower", (), "Small letters.", "{person.email|lower}", "zoe.ostergard@school.example"),
    Function("upper", (), "Capital letters.", "{person.familyName|upper}", "ØSTERGÅRD"),
    Function(
        "title",
        (),
        "A capital where letters begin (also after a hyphen, an apostrophe or a digit), small letters elsewhere.",
        "{subject.title|title}",
        "Art And Design",
    ),
    Function(
        "slug",
        (),
        "For addresses and short names: as `ascii`, in small letters, and one hyphen for whatever is neither letter "
        "nor digit.",
        "{subject.title|slug}",
        "art-and-design",
    ),
    Function(
        "ascii",
        (),
        "Letters without accents, Greek and Cyrillic in Latin letters, ß as ss, Æ as AE; characters that have no such "
        "spelling are left out. For ä as ae, write `replace('ä', 'ae')` before it.",
        "{person.familyName|ascii}",
        "Ostergard",
    ),
    Function(
        "first",
        (Parameter("characters", "number", required=False),),
        "With a number: so many characters from the beginning. Without: the first of several values that is not empty.",
        "{person.givenName|first(1)}",
        "Z",
    ),
    Function(
        "replace",
        (Parameter("what", "text", filled=True), Parameter("by", "text")),
        "Puts one text in place of another, wherever it stands, exactly as written.",
        "{group.id|replace('/', '-')}",
        "9B-Art",
    ),
    Function(
        "substring",
        (Parameter("start", "number"), _LENGTH),
        "Characters from a place (the first is 1), all to the end or so many.",
        "{person.familyName|substring(1, 4)}",
        "Øste",
    ),
    Function(
        "date",
        (Parameter("form", "date form"),),
        "Writes a date, or a text such as 2026-09-01, in a form of your own; what is no date becomes empty. `%d` day, "
        "`%m` month, `%Y` year, `%y` its last two digits, `%B` and `%b` the month in English, `%A` and `%a` the day of "
        "the week, `%j` day of the year, `%V` week (of the year `%G`), `%-d` and `%-m` without a leading zero, `%%` a "
        "percent sign.",
        "{enrolment.beginDate|date('%d.%m.%Y')}",
        "01.09.2026",
    ),
    Function(
        "lookup",
        (Parameter("table", "table"), Parameter("otherwise", "text", required=False)),
        "Looks the value up in one of the profile's tables, exactly as it is written there. What is not in the table "
        "becomes the second argument, or empty; what is empty stays empty.",
        "{person.metadata.house|trim|lookup(houses)}",
        "House of the Lion",
    ),
    Function(
        "default",
        (Parameter("otherwise", "text or property"),),
        "What to take where there is nothing: a text, or another property.",
        "{person.preferredName|default(person.givenName)}",
        "Zoë",
    ),
    Function(
        "join",
        (_SEPARATOR,),
        "Puts several values together, without the empty ones, with a separator (comma and blank where none is given).",
        "{person.givenName, person.middleName, person.familyName|join(' ')}",
        "Zoë Østergård",
    ),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({function.name: function for function in _ALL})
"""All functions, by name."""
