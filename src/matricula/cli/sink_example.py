"""A document to start from for a kind of sink: every setting with what it is, read off its model."""

from matricula.cli.example_document import document_of
from matricula.hub.sinks import sink_kinds
from matricula.sinks import settings_model


def kinds() -> dict[str, str]:
    """The kinds of sink, each with a sentence on what it writes."""
    return sink_kinds()


def example_of(kind: str) -> str:
    """A sink document of a kind as YAML: what is required stands there to be filled in, all else as comments.

    Args:
        kind: what stands as `type`.

    Raises:
        SettingError: there is no such kind.
    """
    return document_of("sink", kind, settings_model(kind))
