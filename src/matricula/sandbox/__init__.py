"""A Moodle look-alike to try everything on; imports nothing else from the package."""

from matricula.sandbox.faults import Faults, Strike
from matricula.sandbox.server import Running, Sandbox, running, serve

__all__ = ["Faults", "Running", "Sandbox", "Strike", "running", "serve"]
