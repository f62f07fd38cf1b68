"""A document to start from for a kind of source: every setting with what it is, read off its model."""

from matricula.cli.example_document import document_of, first_sentence
from matricula.sources import SOURCES, settings_model


def kinds() -> dict[str, str]:
    """The kinds of source, each with a sentence on what it reads."""
    return {kind: first_sentence(source.Settings.__doc__ or "") for kind, source in SOURCES.items()}


def example_of(kind: str) -> str:
    """A source document of a kind as YAML: what is required stands there to be filled in, all else as comments.

    Args:
        kind: what stands as `type`.

    Raises:
        SettingError: there is no such kind.
    """
    return document_of("source", kind, settings_model(kind))
