"""Which columns the files of a gradebook have in each version (OneRoster CSV Binding 1.1 and 1.2.1), and our own."""

from typing import Final, Literal

Version = Literal["1.1", "1.2"]

FILES: Final = {"grade-category": "categories", "line-item": "lineItems", "result": "results"}
"""Names of the files by kind of record, without `.csv`, in the order in which they depend on one another."""

_BASE = ("sourcedId", "status", "dateLastModified")
_RESULTS = ("lineItemSourcedId", "studentSourcedId", "scoreStatus", "score", "scoreDate", "comment")
_ITEMS = ("title", "description", "assignDate", "dueDate", "classSourcedId", "categorySourcedId")

HEADERS: Final[dict[Version, dict[str, tuple[str, ...]]]] = {
    "1.1": {
        "grade-category": (*_BASE, "title"),
        "line-item": (*_BASE, *_ITEMS, "gradingPeriodSourcedId", "resultValueMin", "resultValueMax"),
        "result": (*_BASE, *_RESULTS),
    },
    "1.2": {
        "grade-category": (*_BASE, "title", "weight"),
        "line-item": (
            *_BASE,
            *_ITEMS,
            "academicSessionSourcedId",
            "resultValueMin",
            "resultValueMax",
            "schoolSourcedId",
        ),
        "result": (*_BASE, *_RESULTS, "textScore", "classSourcedId", "inProgress", "incomplete", "late", "missing"),
    },
}
"""The headers of a version, by kind of record, in the order of the binding."""

KEY: Final = "metadata.key"
CLASS: Final = "metadata.classSourcedId"
FILLED: Final = "metadata.filledIn"

OWN: Final = {"grade-category": (KEY, CLASS), "line-item": (KEY, FILLED), "result": (KEY, FILLED)}
"""Extension columns of ours: our key where it is not the sourcedId; the class of a category, which OneRoster does not
tell; and the columns that must hold something and had nothing to hold."""


def session_column(version: Version) -> str:
    """The column of an item that names its marking period."""
    return "gradingPeriodSourcedId" if version == "1.1" else "academicSessionSourcedId"
