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
)
