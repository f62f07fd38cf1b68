"""Why work failed, as it may be told in a message: an error can quote a row of the roster, and so a person's name."""

from collections.abc import Mapping
from typing import Final

#: Codes of errors that speak of sites, tokens, documents, files and servers, and never of a record.
TELLABLE: Final = frozenset(
    {
        "access-refused",
        "address",
        "busy",
        "certificate",
        "credentials-refused",
        "delivery-being-written",
        "delivery-empty",
        "delivery-missing",
        "directory-out-of-reach",
        "directory-password",
        "fault",
        "file-missing",
        "folder-unreadable",
        "function-missing",
        "job-worker-lost",
        "key-exposed",
        "key-missing",
        "key-wrong",
        "not-moodle",
        "path-missing",
        "plan-of-another-site",
        "profile-disabled",
        "profile-outside-window",
        "profile-queued",
        "profile-unknown",
        "role-unknown",
        "secret-missing",
        "service-slow",
        "service-unreachable",
        "site-locked",
        "site-unknown",
        "source-unknown",
        "state-busy",
        "state-full",
        "state-read-only",
        "state-unreachable",
        "token-missing",
        "token-refused",
    }
)


def told_of(error: Mapping[str, str]) -> tuple[str, ...]:
    """What a message says of an error.

    Args:
        error: its `code`, `what`, `where` and `remedy`.
    """
    code = error.get("code", "")
    if code in TELLABLE:
        return tuple(line for line in (error.get("what", ""), error.get("remedy", "")) if line)
    return (f"The page says why, and what to do (“{code or 'fault'}”).",)
