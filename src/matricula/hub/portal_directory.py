"""People who prove who they are with the password of the school's directory."""

from matricula.errors import SettingError
from matricula.hub.deliveries import secret_of
from matricula.hub.home import Home
from matricula.profiles.documents.portal import PortalDirectory
from matricula.sign_on import Person
from matricula.sources.ldap.binding import bound
from matricula.sources.ldap.settings import LdapSettings


def person_of_directory(home: Home, settings: PortalDirectory, typed: str, password: str) -> Person | None:
    """Who somebody is in the directory.

    Args:
        home: the home.
        settings: the portal's directory.
        typed: what was typed as user name.
        password: what was typed as password.

    Returns:
        the person; None where name and password do not belong together, or the person is disabled.

    Raises:
        SettingError: the source is no directory, or its own account is refused.
        UsageError: there is no such source.
        WaitError: the directory is out of reach.
    """
    source = home.source(settings.source).settings
    if not isinstance(source, LdapSettings):
        raise SettingError(
            f"The source {settings.source} is no directory.",
            where="service, portal.directory.source",
            remedy="Name a source of type ldap.",
            code="portal-source",
        )
    reader = secret_of(home, settings.source, "password") if source.bind_dn else ""
    found = bound(source, reader, settings.username, typed, password)
    if found is None:
        return None
    row = found.row
    return Person(
        subject=f"directory {settings.source} {row.get('sourcedId') or found.dn}",
        username=row.get(settings.username, ""),
        email=row.get(settings.email, ""),
        idnumber=row.get(settings.idnumber, ""),
        given=row.get("givenName", ""),
        family=row.get("familyName", ""),
    )
