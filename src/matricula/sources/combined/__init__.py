"""Two sources in one: people from one, such as a directory, and classes from another."""

from matricula.sources.combined.source import Combined

__all__ = ["Combined"]
