"""The calls that write records, and what becomes of each row of one."""

from dataclasses import dataclass

from matricula.moodle import Moodle


@dataclass(frozen=True)
class Result:
    """What became of one row that was sent.

    Args:
        moodle_id: id of the record, where the call tells it.
        refused: Moodle's words where it refused just this row, else empty.
        code: why, by the word that the plugin has for it; empty where the call gives none.
    """

    moodle_id: int | None = None
    refused: str = ""
    code: str = ""


@dataclass(frozen=True)
class Step:
    """One kind of call in a run.

    Args:
        name: what is being done, for progress and journal: `create users`.
        function: the Moodle function.
        actions: the changes it serves.
        whole: whether Moodle refuses the whole batch for one bad row; else it warns row by row.
        most: rows of one call at most, so that it takes a site about a second.
        alone: whether calls go one after another: they would deadlock in Moodle's database.
        packed: the function of the plugin local_matricula that does the same for each row by itself, where the site
            has it; empty where it has none. Its rows travel in one form field.
        most_packed: rows of one call of that function at most.
    """

    name: str
    function: str
    actions: frozenset[str]
    whole: bool = True
    most: int = 200
    alone: bool = False
    packed: str = ""
    most_packed: int = 1_000

    def is_packed(self, moodle: Moodle) -> bool:
        """Whether it goes through the plugin on a site."""
        return bool(self.packed) and moodle.plugin.offers(self.packed)

    def called(self, moodle: Moodle) -> str:
        """The function that is called on a site."""
        return self.packed if self.is_packed(moodle) else self.function

    @property
    def functions(self) -> frozenset[str]:
        """The functions that it is called by on any site."""
        return frozenset({self.function, self.packed} - {""})
