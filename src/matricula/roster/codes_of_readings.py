"""Kinds of findings that come from how a source is read: changes, services, databases, directories, several sources."""

from matricula.roster.code import Code

READINGS: tuple[Code, ...] = (
    Code(
        "encoding-guessed",
        "warning",
        "The file is not written in UTF-8, and which encoding it has instead can only be guessed. The message shows a "
        "word of it as it was read.",
        "Set `encoding` of the source to the one in which the word is right, or export UTF-8.",
    ),
    Code(
        "formula-error",
        "warning",
        "A formula of the spreadsheet came to an error, such as #REF!. Its cell was taken as blank.",
        "Mend the formula, or put its value in its place.",
    ),
    Code(
        "number-shortened",
        "error",
        "A spreadsheet program has written a long number as 1.23E+11, and its digits are lost. The row was left out.",
        "Give the column the format text before numbers are entered, and export it again.",
    ),
    Code(
        "date-form",
        "error",
        "There is no such date, or it is written otherwise than `dates` says. Such cells were taken as blank.",
        "Set `dates` of the source to the form in which the file writes days, such as DD/MM/YYYY.",
    ),
    Code(
        "key-blank",
        "error",
        "A row is not blank, and the columns are by which its record is known. It was left out, and because it is not "
        "known whose it was, nothing will be removed because of this file.",
        "Fill the cell. Rows of totals are passed over with `skip_last` or `leave_out`.",
    ),
    Code(
        "rows-contradict",
        "error",
        "Several rows of the same person differ in what a person is known by. Which is right, or whether they are two "
        "people, cannot be known, so the person was left out.",
        "Mend the rows. Where numbers are given out anew in each file, map sourcedId to a template in one of them, "
        "such as staff-{Nr}.",
    ),
    Code(
        "rows-differ",
        "warning",
        "Several rows of the same record differ in a field. The value of most rows was taken.",
        "Mend the rows.",
    ),
    Code(
        "keys-near",
        "warning",
        "Records differ in nothing but the capital letters of what they are known by. Each was taken as one of its "
        "own.",
        "If they are the same, write it the same way in every row.",
    ),
    Code(
        "pointer-unknown",
        "error",
        "A cell names somebody or something that was not read. What depends on it was left out, and nobody's place is "
        "taken away because of it.",
        "Mend the name or number, or add the file that holds the missing record.",
    ),
    Code(
        "pointer-ambiguous",
        "error",
        "A cell may mean several records. It was left out: none of them was picked.",
        "Point by number, username or e-mail instead of by name.",
    ),
    Code(
        "part-absent",
        "warning",
        "An optional file is not there. The tables of which it may tell were not taken as complete, so nothing is "
        "removed because of them.",
        "If the file never comes, name it under `absent` of the source.",
    ),
)
