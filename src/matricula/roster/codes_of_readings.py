"""Kinds of findings that come from how a source is read: changes, services, databases, directories, several sources."""

from matricula.roster.code import Code

DIRECTORY: tuple[Code, ...] = (
    Code(
        "directory-attribute-absent",
        "warning",
        "No entry that was read has the attribute that a column is to be made of, so the column is blank.",
        "Mend its name, or let the directory's administrator give the account the right to read it.",
    ),
    Code(
        "directory-several-values",
        "warning",
        "An attribute has several values where the column takes one. The one that the entry is named by was taken, "
        "else the first by alphabet, since a directory keeps no order.",
        "Name an attribute with one value, or leave one value in the directory.",
    ),
    Code(
        "directory-value-binary",
        "warning",
        "An attribute holds bytes that are no text; they were left out.",
        "Make the column of another attribute.",
    ),
    Code(
        "directory-role-none",
        "warning",
        "No rule gives the entry a role; it was left out, as if the filter did not find it.",
        "Add a rule to roles, give a role for all others, or narrow the filter.",
    ),
    Code(
        "directory-member-unknown",
        "warning",
        "A group has members that are not among the people read: they stand outside the bases and filters, are gone, "
        "or stand in groups deeper than `nested` says. They were passed over.",
        "Widen the bases of people, or raise nested.",
    ),
    Code(
        "directory-cohorts-beyond",
        "warning",
        "Somebody is in more groups of a part than `most` allows; the further ones by alphabet were left out.",
        "Raise most for this part.",
    ),
)
"""Reading a directory."""

COMBINED: tuple[Code, ...] = (
    Code(
        "combined-only-people",
        "warning",
        "Somebody is only in the source of people: nobody in the source of courses has the same key.",
        "Enter the key in the school's system, or let be: only_people says what becomes of them.",
    ),
    Code(
        "combined-only-courses",
        "warning",
        "Somebody is only in the source of courses: nobody in the source of people has the same key.",
        "Enter the key in the source of people, or let be: only_courses says what becomes of them.",
    ),
    Code(
        "combined-key-blank",
        "warning",
        "The key by which people are joined is blank, so nobody can be found for it.",
        "Fill it in, or join by another key.",
    ),
    Code(
        "combined-key-twice",
        "error",
        "Several people of one source have the same key. None of them was joined, and they stay as they are.",
        "Give each a key of their own; people must not share it.",
    ),
    Code(
        "combined-unsure",
        "warning",
        "Nobody was found for somebody, and the other source had rows that could not be used or is not complete: they "
        "may be among those. They stay as they are.",
        "Mend what is wrong with the other source.",
    ),
)
"""Joining two sources."""

READINGS: tuple[Code, ...] = (*DIRECTORY, *COMBINED)
