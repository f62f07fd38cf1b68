"""The profile's part on retention: how long Matricula remembers what it did."""

from pydantic import Field

from matricula.profiles.documents.base import Document


class Retention(Document):
    """How many days personal data stays in the state once it is no longer needed for the next plan."""

    plans: int = Field(
        400,
        ge=7,
        le=3650,
        description="Days for the changes, findings and journals of ended plans; afterwards these can be neither shown "
        "nor undone.",
    )
    grades: int = Field(
        1100,
        ge=7,
        le=3650,
        description="Days for grades kept from changes that destroyed them, and for those read of people who left or "
        "of what is no longer on the site.",
    )
    deliveries: int = Field(
        400, ge=7, le=3650, description="Days for the last delivery of a source that is no longer read."
    )
