"""Directories: Active Directory, OpenLDAP and others that speak LDAP."""

from matricula.sources.ldap.source import Ldap

__all__ = ["Ldap"]
