"""Every kind of finding a roster can have: its code, how grave it is, what it means and what mends it.

`docs/reference/findings.md` prints this list.
"""

from matricula.roster.code import Code, Severity
from matricula.roster.codes_of_readings import READINGS

__all__ = ["CODES", "Code", "Severity"]

_ALL = (
    Code(
        "manifest-missing",
        "warning",
        "There is no manifest.csv. The version was told from the column names, and the delivery is taken as "
        "complete if users, classes and enrollments are there.",
        "Ask the vendor to put manifest.csv beside the other files.",
    ),
    Code(
        "manifest-property",
        "warning",
        "A line of manifest.csv has an unknown or doubled property, or is not of the form name,value. It was passed "
        "over.",
        "Ask the vendor for a manifest by the OneRoster CSV binding.",
    ),
    Code(
        "manifest-value",
        "warning",
        "manifest.csv says something unknown about a file, so the file was read but not taken as complete.",
        "Write absent or bulk in that line of the manifest.",
    ),
    Code(
        "file-missing",
        "error",
        "manifest.csv promises the file and it is not there. Nothing will be removed because of it.",
        "Export again with this file, or mark it absent in manifest.csv.",
    ),
    Code(
        "file-undeclared",
        "warning",
        "The file is there but manifest.csv marks it absent (it was not read) or does not name it (it was read, "
        "but not taken as complete).",
        "Mark the file bulk in manifest.csv, or leave it out of the delivery.",
    ),
    Code(
        "file-empty",
        "error",
        "The file has no content at all, not even a header. Nothing will be removed because of it.",
        "Export again; if there truly are no records, the file holds its header line.",
    ),
    Code(
        "file-truncated",
        "error",
        "The file ends in the middle of a record. The cut record was left out, and because others may be missing "
        "after it, nothing will be removed because of this file.",
        "Export or transfer the file again and see that the transfer ends before it is read.",
    ),
    Code(
        "file-name",
        "warning",
        "The file's name differs from the standard's in capital letters. It was read all the same.",
        "Name the file as the standard does.",
    ),
    Code(
        "file-unknown",
        "warning",
        "The file is none of OneRoster's. It was not read.",
        "If it holds the roster, give it the standard's name; otherwise leave it out of the delivery.",
    ),
    Code(
        "folder-nested",
        "warning",
        "The files are in a folder inside the delivery. They were read from there.",
        "Put the files at the top of the zip or folder.",
    ),
    Code(
        "table-empty",
        "warning",
        "The file holds its header and no records.",
        "If there should be records, export again.",
    ),
    Code(
        "encoding-other",
        "warning",
        "The file is not written in UTF-8. It was read in the encoding named.",
        "Set the export to UTF-8.",
    ),
    Code(
        "encoding-double",
        "warning",
        "Letters look as if UTF-8 had been taken for Latin-1 and encoded again (Ã© for é). They were kept as they "
        "are: Matricula does not change people's names.",
        "Mend the names in the school's system or the encoding in the export; do not apply before.",
    ),
    Code(
        "byte-order-mark",
        "warning",
        "The file starts with an invisible mark (BOM). It was passed over.",
        "Set the export to UTF-8 without BOM.",
    ),
    Code(
        "line-ends",
        "warning",
        "Lines end with CR alone, as on old Macintoshes. They were read as lines.",
        "Set the export to line ends CR LF.",
    ),
    Code(
        "separator",
        "warning",
        "Cells are separated by something other than a comma. They were read so.",
        "Set the export to commas.",
    ),
    Code(
        "header-spelling",
        "warning",
        "Column names differ from the standard's in capital letters or spaces. They were understood.",
        "Write the column names as the standard does.",
    ),
    Code(
        "header-order",
        "warning",
        "The columns are in another order than the standard's. They were read by name.",
        "Nothing, or put the columns in the standard's order.",
    ),
    Code(
        "column-missing",
        "warning",
        "Columns of the standard are not in the file. They were taken as blank.",
        "Add the columns to the export if the school has the data.",
    ),
    Code(
        "column-unknown",
        "warning",
        "The file has columns that the standard does not know. They were not read.",
        "Nothing, or leave them out of the export.",
    ),
    Code(
        "column-twice",
        "warning",
        "Two columns have the same name. The first was read.",
        "Leave one of them out of the export.",
    ),
    Code(
        "row-short",
        "error",
        "The line has fewer cells than the header, so it cannot be told which is which. It was left out.",
        "Mend the line in the export; often a line break or a comma is lost.",
    ),
    Code(
        "row-long",
        "error",
        "The line has more cells than the header, so it cannot be told which is which. It was left out.",
        "Put values that hold a comma in double quotes.",
    ),
    Code(
        "row-quotes",
        "error",
        "A double quote in the line is not closed or stands where it means nothing. The line was left out.",
        "Put the value in double quotes and write each double quote inside it twice.",
    ),
    Code(
        "quotes-stray",
        "warning",
        "A double quote stands inside a value that is not in double quotes. It was read as a plain character.",
        "Put the value in double quotes and write each double quote inside it twice.",
    ),
    Code(
        "row-damaged",
        "error",
        "The line holds bytes that are no letters in the file's encoding. It was left out.",
        "Export the file again; if the same line is damaged again, mend it in the school's system.",
    ),
    Code(
        "record-unusable",
        "error",
        "A cell is blank without which the record cannot be used. It was left out.",
        "Fill the cell in the school's system.",
    ),
    Code(
        "required-blank",
        "warning",
        "A cell is blank that the standard wants filled. The record was kept.",
        "Fill the cell in the school's system.",
    ),
    Code(
        "role-unknown",
        "error",
        "The role is none of OneRoster's. The record was left out, since a guess could give someone the wrong rights.",
        "Use one of the standard's roles, or one that starts with ext:.",
    ),
    Code(
        "value-unknown",
        "warning",
        "The value is none that the standard allows in this column. It was taken as blank.",
        "Use one of the standard's values, or one that starts with ext:.",
    ),
    Code(
        "value-spelling",
        "warning",
        "The value differs from the standard's in capital letters or spaces. It was understood.",
        "Write the value as the standard does.",
    ),
    Code(
        "value-version",
        "warning",
        "The value belongs to another version of OneRoster than the delivery's. It was understood.",
        "Use the version's own values.",
    ),
    Code(
        "boolean-unknown",
        "warning",
        "The cell should say true or false and says neither. It was taken as blank.",
        "Write true or false.",
    ),
    Code(
        "date-unknown",
        "error",
        "There is no such date, or it is not of the form YYYY-MM-DD. It was taken as blank.",
        "Write the date as YYYY-MM-DD.",
    ),
    Code(
        "date-spelling",
        "warning",
        "A date is followed by a time. The date was taken.",
        "Write the date as YYYY-MM-DD.",
    ),
    Code(
        "year-unknown",
        "warning",
        "The school year is not a year. It was taken as blank.",
        "Write the year in which the school year ends, as YYYY.",
    ),
    Code(
        "year-spelling",
        "warning",
        "The school year is written as two years. The one in which it ends was taken.",
        "Write the year in which the school year ends, as YYYY.",
    ),
    Code(
        "status-in-bulk",
        "warning",
        "The record has a status other than active. In a complete delivery status means nothing, so it was kept.",
        "Leave records that are gone out of the export.",
    ),
    Code(
        "reference-unknown",
        "warning",
        "The record points to another that is not in the delivery. The pointer was taken as blank.",
        "Deliver the missing record, or mend the pointer in the school's system.",
    ),
    Code(
        "reference-lost",
        "error",
        "The record points to one that is not in the delivery (or was left out of it) and means nothing without it. "
        "It was left out.",
        "Deliver the missing record, or mend the pointer in the school's system.",
    ),
    Code(
        "duplicate-same",
        "warning",
        "Several records with the same sourcedId are the same in every cell. One was kept.",
        "Export each record once.",
    ),
    Code(
        "duplicate-different",
        "error",
        "Several records with the same sourcedId differ. Which is right cannot be known, so all were left out.",
        "Give each record its own sourcedId, or take the wrong one out in the school's system.",
    ),
    Code(
        "user-without-role",
        "warning",
        "The user has no row in roles.csv. The user was kept, without a role.",
        "Add a role for the user, or leave the user out of the export.",
    ),
    Code(
        "user-role-lost",
        "error",
        "Every role of the user was left out, so what the user is cannot be known. The user was left out.",
        "Mend the user's lines in roles.csv.",
    ),
)

CODES: dict[str, Code] = {code.code: code for code in (*_ALL, *READINGS)}
"""Every kind of finding, by its code."""
