"""The JSON Schema of profiles, for editors that check a document while it is written."""

from typing import Any

from matricula.profiles.documents import Profile


def profile_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a profile document, short forms included."""
    schema = Profile.model_json_schema()
    required = ["kind", *schema["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "required": required}
