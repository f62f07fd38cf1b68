"""The settings of a sink that writes openSIS Classic's gradebooks."""

from typing import Literal

from pydantic import Field, field_validator

from matricula.sinks.database.settings import DatabaseDocument
from matricula.sources.sql.address import address_of


class OpensisSettings(DatabaseDocument):
    """openSIS Classic 7, 8 or 9 (Community Edition) by its database."""

    type: Literal["opensis"] = Field("opensis", description="Writes the gradebooks of openSIS Classic.")
    url: str = Field(
        description=(
            "The address of openSIS's database, as mysql://matricula@sis.school.example/opensis, without a password: "
            "that is kept apart, as the secret `password`."
        ),
    )
    keys: str = Field(
        "matricula_grade_keys",
        max_length=64,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of the table, beside openSIS's own, in which Matricula notes which records are its own.",
    )

    @field_validator("url")
    @classmethod
    def _is_of_its_kind(cls, given: str) -> str:
        if address_of(given, "sink").get_backend_name() not in ("mysql", "mariadb"):
            raise ValueError("openSIS keeps its data in MariaDB or MySQL: the address begins with mysql")
        return given
