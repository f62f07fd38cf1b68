"""Signing people on to Moodle: who they are, which account of the site is theirs, and the way in."""

from matricula.sign_on.people import Person

__all__ = ["Person"]
