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
        "delta-status-spelling",
        "warning",
        "The status of a change (delta) differs from the standard's in capital letters or blanks. It was understood.",
        "Ask the vendor to write active or tobedeleted.",
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
        "warning",
        "A date has months or days of one digit. It was understood. Looked for in strict mode alone.",
        "Write the date as YYYY-MM-DD.",
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
)
