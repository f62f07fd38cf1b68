"""What the settings of all kinds of sink share."""

from pydantic import BaseModel, ConfigDict


class SinkDocument(BaseModel):
    """Settings of a sink; `type` names its kind, and unknown settings are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def secrets(self) -> tuple[str, ...]:
        """Names of the secrets that this sink needs, such as `password`; they are kept apart from the document."""
        return ()
