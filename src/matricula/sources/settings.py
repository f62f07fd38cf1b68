"""What the settings of all kinds of source share."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class SourceDocument(BaseModel):
    """Settings of a source; `type` names its kind, and unknown settings are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    NEUTRAL: ClassVar[frozenset[str]] = frozenset()
    """Settings that may change without making what was read before unfit to lay changes over."""

    def secrets(self) -> tuple[str, ...]:
        """Names of the secrets that this source needs, such as `password`; they are kept apart from the document."""
        return ()
