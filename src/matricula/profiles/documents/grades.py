"""The profile's part on grades: which go from Moodle to the school's system, and as what."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from matricula.profiles.documents.base import Document, Name, PlainName
from matricula.profiles.documents.limits import Allowance

ItemKind = Literal["assign", "quiz", "lesson", "manual", "other"]
Rounding = Literal["up", "down", "half-up", "none"]
Scale = Literal["points", "percent", "letters"]
Matching = Literal["description", "range-exact", "range-maximum", "range-first"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
ITEM_KINDS: tuple[ItemKind, ...] = ("assign", "quiz", "lesson", "manual", "other")


class Letter(Document):
    """One letter of a table."""

    letter: str = Field(min_length=1, max_length=20, description="The letter, as B+.")
    from_percent: Finite = Field(description="The lowest percentage that gets it, after rounding.")


class GradeItemRules(Document):
    """Which items of a course's gradebook are transferred."""

    kinds: tuple[ItemKind, ...] = Field(
        ITEM_KINDS, description="Kinds of items: activities by their module, `manual` for columns made by hand."
    )
    names: tuple[str, ...] = Field(
        (), description="Only items with such a name; * stands for anything. By default all."
    )
    without: tuple[str, ...] = Field((), description="No items with such a name; * stands for anything.")
    numbered: bool = Field(False, description="Whether only items with an ID number in the gradebook are transferred.")
    hidden: bool = Field(False, description="Whether items and grades that students cannot see are transferred, too.")


class FinalRules(Document):
    """Course totals as final grades of report cards."""

    scale: Literal["percent", "letters"] = Field(
        "percent", description="As what a total is written: `percent`, or `letters` with the percentage beside them."
    )
    rounding: Rounding = Field("none", description="How a percentage is rounded, as `grades.rounding` has it.")
    decimals: int = Field(2, ge=0, le=4, description="Places after the point that rounding leaves.")
    marking_period: str = Field(
        "current", min_length=1, description="`current`, or the title or sourcedId of an academic session."
    )


class GradeLimits(Document):
    """When a transfer waits for a person."""

    changed: Allowance = Field(
        Allowance(share=0.25, floor=50), description="Results sent before that a transfer may change unasked."
    )
    removed: Allowance = Field(
        Allowance(share=0.02, floor=50), description="Results sent before that a transfer may take away unasked."
    )


class GradeRules(Document):
    """Which grades go to the school's system, and as what."""

    sink: Name | None = Field(None, description="The sink document to write to; by default no grades are transferred.")
    items: GradeItemRules = Field(GradeItemRules(), description="Which items are transferred.")
    weighting: Literal["sis", "moodle"] = Field(
        "sis",
        description="Where grades are weighted: `sis` sends grades as given, and weights with the categories; `moodle` "
        "sends what each grade contributes to the total of its course, out of what its item counts there.",
    )
    categories: Literal["moodle", "kind", "one"] = Field(
        "moodle",
        description="What becomes a category: `moodle` those of Moodle's gradebook, `kind` the kinds of items, `one` a "
        "single one for all.",
    )
    category: PlainName = Field(
        "Moodle", description="Title of the single category, and of that for items without one."
    )
    category_titles: dict[str, PlainName] = Field(
        default_factory=dict, description="Titles that categories have in the school's system, by their own."
    )
    weights: bool = Field(True, description="Whether the weights of categories are sent.")
    marking_period: str = Field(
        "by-date",
        min_length=1,
        description="`by-date` the session in which an item is due (else assigned, else today), `current` today's, or "
        "the title or sourcedId of an academic session.",
    )
    match: tuple[Matching, ...] = Field(
        (),
        description="How an item finds one that is in the school's system already: by its exact `description`, or by "
        "its marking range: the same (`range-exact`), the same maximum (`range-maximum`), or whatever comes first "
        "(`range-first`). Tried in this order; by default items are always new.",
    )
    scale: Scale = Field(
        "points",
        description="As what a grade is written: `points`, `percent`, or `letters` with the points beside them.",
    )
    letters: tuple[Letter, ...] = Field((), description="Letters by percentage; by default those that Moodle shows.")
    scales: dict[str, Finite] = Field(
        default_factory=dict,
        description="Points for the words of Moodle's scales, which have no numbers of their own; the most of them is "
        "the maximum of an item that is graded so.",
    )
    rounding: Rounding = Field(
        "none",
        description="How a number is rounded: `up` and `down` to the next one above and below, `half-up` to the nearer "
        "one, where 0.5 becomes 1; `none` keeps all five places that Moodle has.",
    )
    decimals: int = Field(2, ge=0, le=4, description="Places after the point that rounding leaves.")
    excused: bool = Field(True, description="Whether it is sent that somebody is excused from an item.")
    comments: bool = Field(False, description="Whether feedback is sent as a comment.")
    former: bool = Field(True, description="Whether grades of people who are suspended in the course are sent.")
    gone: Literal["leave", "remove"] = Field(
        "leave", description="What becomes of a result that was sent and whose grade or item is no longer in Moodle."
    )
    final: FinalRules | None = Field(None, description="Course totals as final grades; by default none are sent.")
    within: Annotated[float, Field(gt=0, le=60)] = Field(
        2, description="Days within which every gradebook is read, whether anything tells of a change in it or not."
    )
    limits: GradeLimits = Field(GradeLimits(), description="When a transfer waits for a person.")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        bounds = [each.from_percent for each in self.letters]
        if len(set(bounds)) != len(bounds) or len({each.letter for each in self.letters}) != len(bounds):
            raise ValueError("each letter and each percentage may stand once in letters")
        words = [word.strip().lower() for word in self.scales]
        if len(set(words)) != len(words):
            raise ValueError("each word may stand once in scales, whatever the case of its letters")
        return self
