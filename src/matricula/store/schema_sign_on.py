"""Tables of signing on to Moodle, and of what plugins inside Moodle say and ask."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, TypedColumns

from matricula.store.columns import Moment, metadata


class SigningKeyColumns(TypedColumns):
    """Keys with which the OpenID provider signs; one that has ended is published until what it signed has ended too."""

    id = Column(Text, primary_key=True)
    secret = Column(LargeBinary, nullable=False)
    made_at = Column(Moment, nullable=False)
    ended_at = Column(Moment)


class SignOnClientColumns(TypedColumns):
    """Sites that ask the OpenID provider who somebody is; `redirects` is a JSON list of whole addresses."""

    id = Column(Text, primary_key=True)
    site = Column(Text, nullable=False, unique=True)
    secret = Column(Text, nullable=False)
    redirects = Column(Text, nullable=False)
    made_at = Column(Moment, nullable=False)
    made_by = Column(Text, nullable=False)


class SignOnGrantColumns(TypedColumns):
    """What the OpenID provider has given out: codes, good once, and tokens. Digests; the rest is JSON."""

    digest = Column(Text, primary_key=True)
    purpose = Column(Text, nullable=False)
    client = Column(Text, nullable=False)
    person = Column(Text, nullable=False)
    request = Column(Text, nullable=False)
    ends_at = Column(Moment, nullable=False)
    used_at = Column(Moment)


class PortalSessionColumns(TypedColumns):
    """Who has signed on here to go on to a Moodle: the digest of the cookie, and the person as JSON."""

    digest = Column(Text, primary_key=True)
    subject = Column(Text, nullable=False)
    person = Column(Text, nullable=False)
    began_at = Column(Moment, nullable=False)
    seen_at = Column(Moment, nullable=False)
    ends_at = Column(Moment, nullable=False)
    address = Column(Text, nullable=False)
    agent = Column(Text, nullable=False)


class SeenRequestColumns(TypedColumns):
    """Signed requests that a site's block sent, by their digest: each is good once."""

    digest = Column(Text, primary_key=True)
    site = Column(Text, nullable=False)
    ends_at = Column(Moment, nullable=False)


class StampColumns(TypedColumns):
    """What a site's plugin said of each kind of record when all of it was last looked at for a profile."""

    profile = Column(Text, primary_key=True)
    kind = Column(Text, primary_key=True)
    stamp = Column(Text, nullable=False)
    looked_at = Column(Moment, nullable=False)


signing_key = Table("signing_key", metadata, SigningKeyColumns)
sign_on_client = Table("sign_on_client", metadata, SignOnClientColumns)
sign_on_grant = Table("sign_on_grant", metadata, SignOnGrantColumns, Index(None, "ends_at"))
portal_session = Table("portal_session", metadata, PortalSessionColumns, Index(None, "subject"))
seen_request = Table("seen_request", metadata, SeenRequestColumns, Index(None, "ends_at"))
stamp = Table("stamp", metadata, StampColumns)
