"""REST services by recipe."""

from matricula.sources.rest.source import Rest

__all__ = ["Rest"]
