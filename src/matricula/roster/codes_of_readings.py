"""Kinds of findings that come from how a source is read: changes, services, databases, directories, several sources."""

from matricula.roster.code import Code

READINGS: tuple[Code, ...] = (
    Code(
        "delta-status-blank",
        "warning",
        "A change (delta) does not say whether the record is active or tobedeleted. It was taken as active.",
        "Ask the vendor to fill status in every row of a delta.",
    ),
    Code(
        "delta-status-unknown",
        "error",
        "The status of a change (delta) is neither active nor tobedeleted. The change was not made: the record stays "
        "as it was.",
        "Ask the vendor to write active or tobedeleted in every row of a delta.",
    ),
    Code(
        "delta-date-blank",
        "warning",
        "A change (delta) does not say when the record was changed (dateLastModified). It was made all the same.",
        "Ask the vendor to fill dateLastModified in every row of a delta.",
    ),
    Code(
        "delta-contradiction",
        "error",
        "Several changes (delta) of one record differ, and their dates do not tell which is the last. None was made: "
        "the record stays as it was.",
        "Ask the vendor to fill dateLastModified, or to send one change a record.",
    ),
    Code(
        "delta-record-unknown",
        "warning",
        "A change (delta) takes away a record that was not known. Nothing was done.",
        "Nothing, if a delta was sent twice; otherwise ask the vendor for a complete delivery (bulk).",
    ),
    Code(
        "delta-table-new",
        "error",
        "Changes (delta) came for a table that the complete delivery before them did not hold. They were taken, but "
        "nothing will be removed because of this table.",
        "Ask the vendor for a complete delivery (bulk) that holds this table.",
    ),
    Code(
        "delta-late",
        "error",
        "A delivery of changes (delta) came into the watched folder after a later one had been read. Its changes were "
        "not made, since they may be older than what stands.",
        "Ask the vendor for a complete delivery (bulk).",
    ),
    Code(
        "changes-suspected",
        "warning",
        "There is no manifest.csv, and records are marked tobedeleted, so the file may hold changes only. It was read, "
        "but not taken as complete.",
        "Ask the vendor to put manifest.csv beside the other files; it says whether they are bulk or delta.",
    ),
    Code(
        "manifest-form",
        "warning",
        "manifest.csv has another first line than propertyName,value, or names and values in other spellings. It was "
        "understood. Looked for in strict mode alone.",
        "Write the manifest exactly as the standard does.",
    ),
    Code(
        "manifest-version",
        "warning",
        "manifest.csv does not give its own version as 1.0, or does not give OneRoster's. Looked for in strict "
        "mode alone.",
        "Put manifest.version,1.0 and oneroster.version into manifest.csv.",
    ),
    Code(
        "manifest-incomplete",
        "warning",
        "manifest.csv does not name every file of the standard. Looked for in strict mode alone.",
        "Put a line for each file into manifest.csv, with absent for those that are not delivered.",
    ),
    Code(
        "extension-place",
        "warning",
        "Extension columns (metadata.) stand before columns of the standard. They were read. Looked for in strict mode "
        "alone.",
        "Put extension columns last.",
    ),
    Code(
        "sourcedid-form",
        "warning",
        "A sourcedId, or a pointer to one, is longer than 255 characters or holds others than A to Z, a to z, 0 to 9 "
        "and . - _ / @. Looked for in strict mode alone.",
        "Give the records sourcedIds of that form; they must never change afterwards.",
    ),
    Code(
        "bulk-filled",
        "warning",
        "status or dateLastModified is filled in a complete (bulk) file, where both must be blank. Looked for "
        "in strict mode alone.",
        "Leave both columns blank in complete deliveries.",
    ),
    Code(
        "datetime-form",
        "warning",
        "dateLastModified in a delta is not of the form YYYY-MM-DDTHH:MM:SS.sssZ. Looked for in strict mode alone.",
        "Write moments in that form, in UTC.",
    ),
    Code(
        "date-form",
        "error",
        "There is no such date, or it is written otherwise than `dates` says. Such cells were taken as blank.",
        "Set `dates` of the source to the form in which the file writes days, such as DD/MM/YYYY.",
    ),
    Code(
        "list-form",
        "warning",
        "A list has empty entries, or blanks around its commas. They were passed over. Looked for in strict "
        "mode alone.",
        "Write lists as one,two,three.",
    ),
    Code(
        "userids-form",
        "warning",
        "userIds are not of the form {type:id}. They were kept as they are. Looked for in strict mode alone.",
        "Write them as {LDAP:jsmith},{Fed:12}.",
    ),
    Code(
        "ext-form",
        "warning",
        "A value starts with ext: and is not by the standard: version 1.1 knows no such values, and in 1.2 only "
        "letters, digits, . - _ follow. It was kept. Looked for in strict mode alone.",
        "Use one of the standard's values, or one of that form.",
    ),
    Code(
        "value-blanks",
        "warning",
        "Blanks stand around a value. They were taken away. Looked for in strict mode alone.",
        "Take the blanks away in the export.",
    ),
    Code(
        "value-line-break",
        "warning",
        "A value holds a line break. It was kept. Looked for in strict mode alone.",
        "Take the line break away in the school's system.",
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
    Code(
        "delta-status-spelling",
        "warning",
        "The status of a change (delta) differs from the standard's in capital letters or blanks. It was understood.",
        "Ask the vendor to write active or tobedeleted.",
    ),
    Code(
        "keys-near",
        "warning",
        "Records differ in nothing but the capital letters of what they are known by. Each was taken as one of its "
        "own.",
        "If they are the same, write it the same way in every row.",
    ),
)
