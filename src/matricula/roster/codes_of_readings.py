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
    Code(
        "collection-missing",
        "warning",
        "The service has no such collection (404). Nothing is known of its records, and nothing is removed because of "
        "that.",
        "Ask the vendor whether the service offers it, if names of schools, years or courses are missed.",
    ),
    Code(
        "pages-repeat",
        "error",
        "Records stand on several pages of the service, each time it is read, so that others may be on none. What came "
        "is used, and nothing is removed because of this collection.",
        "Ask the vendor to give the service's pages a fixed order, and each record its own sourcedId.",
    ),
    Code(
        "pages-total",
        "warning",
        "The service hands over more records than it says there are (X-Total-Count). All were read.",
        "Tell the vendor; nothing is lost by it.",
    ),
    Code(
        "pages-elsewhere",
        "warning",
        "The service says that its next page is on another host. It was not asked there, because the credentials would "
        "have gone there; the pages were counted instead.",
        "Ask the vendor to mend the addresses in the header Link: mostly a proxy does not say its name to the service.",
    ),
)
