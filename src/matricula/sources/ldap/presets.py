"""What the common directories call things: filters and attributes by the word that stands as `directory`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """Defaults for one kind of directory.

    Args:
        users: filter of accounts.
        groups: filter of groups.
        attributes: what the columns of people are made of.
        group_attributes: what the columns of groups are made of.
        page_size: entries asked for at a time.
    """

    users: str
    groups: str
    attributes: Mapping[str, str]
    group_attributes: Mapping[str, str]
    page_size: int = 500


_NAMES = {"givenName": "givenName", "familyName": "sn", "email": "mail"}
_GROUPS = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))"

PRESETS: Mapping[str, Preset] = {
    "active-directory": Preset(
        # objectCategory=person would be shorter, but only Active Directory itself understands that short form.
        users="(&(objectClass=user)(!(objectClass=computer)))",
        groups="(objectClass=group)",
        attributes=_NAMES | {"sourcedId": "objectGUID", "username": "sAMAccountName", "identifier": "employeeID"},
        group_attributes={"sourcedId": "objectGUID", "title": "cn", "classCode": "sAMAccountName"},
        page_size=1000,
    ),
    "openldap": Preset(
        users="(objectClass=inetOrgPerson)",
        groups=_GROUPS,
        attributes=_NAMES | {"sourcedId": "entryUUID", "username": "uid", "identifier": "employeeNumber"},
        group_attributes={"sourcedId": "entryUUID", "title": "cn", "classCode": "cn"},
    ),
    "389-directory": Preset(
        users="(objectClass=inetOrgPerson)",
        groups=_GROUPS,
        attributes=_NAMES | {"sourcedId": "nsUniqueId", "username": "uid", "identifier": "employeeNumber"},
        group_attributes={"sourcedId": "nsUniqueId", "title": "cn", "classCode": "cn"},
    ),
}
