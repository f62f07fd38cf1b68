"""Profiles: the documents a school writes, and their rules turned into what its site should hold."""

from matricula.profiles.desired import Desired, desire
from matricula.profiles.documents import Profile, Site
from matricula.profiles.reading import parse_documents

__all__ = ["Desired", "Profile", "Site", "desire", "parse_documents"]
