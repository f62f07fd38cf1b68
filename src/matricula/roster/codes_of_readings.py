"""Kinds of findings that come from how a source is read: changes, services, databases, directories, several sources."""

from matricula.roster.code import Code

READINGS: tuple[Code, ...] = (
    Code(
        "path-nothing",
        "warning",
        "A path of the recipe found nothing in any row; the column was taken as blank there.",
        "Set the field to one of the names that there are, or take it out of the recipe.",
    ),
    Code(
        "condition-nothing",
        "warning",
        "No row meets a condition of the recipe, so that none was used.",
        'Compare the condition with what the service answers; numbers and texts are not the same (1 and "1").',
    ),
    Code(
        "value-untranslated",
        "warning",
        "The translation table of a field does not have a value that came. It was taken as blank.",
        "Add the value to the field's `map`, or say with `otherwise` what stands for all others.",
    ),
)
