"""Kinds of findings that come from how a source is read: changes, services, databases, directories, several sources."""

from matricula.roster.code import Code

READINGS: tuple[Code, ...] = (
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
