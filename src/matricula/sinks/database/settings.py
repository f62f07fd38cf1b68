"""What the settings of sinks that write into a database share."""

from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from matricula.sinks.settings import SinkDocument
from matricula.sources.sql.address import address_of, no_password_here


class DatabaseDocument(SinkDocument):
    """An address without a password, and how long the database may take."""

    url: str | None = Field(
        default=None,
        description=(
            "The database's address, as mysql://writer@db.school.example/sis, without a password: that is kept apart, "
            "as the secret `password`."
        ),
    )
    passwordless: bool = Field(
        default=False, description="Whether the database lets the account of `url` in without a password."
    )
    timezone: str = Field(
        default="UTC", description="The zone by which a time is the day that it is, where a column holds days alone."
    )
    timeout: int = Field(default=60, ge=1, le=3600, description="Seconds that the database may take for an answer.")

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, given: Any) -> Any:
        no_password_here(given, "sink")
        return given

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("a time zone is needed, as Europe/London") from error
        return given

    def secrets(self) -> tuple[str, ...]:
        """The password, where the address names an account that has one."""
        named = self.url is not None and address_of(self.url, "sink").username
        return ("password",) if named and not self.passwordless else ()
