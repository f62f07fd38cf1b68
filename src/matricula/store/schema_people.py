"""Tables of who may do what in the console and the API, and of who did what."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, TypedColumns

from matricula.store.columns import Moment, metadata


class AccountColumns(TypedColumns):
    """People who may sign in to the console; `name` is what they type, in lower case."""

    id = Column(Integer, primary_key=True)
    name = Column(Text, nullable=False, unique=True)
    display = Column(Text, nullable=False)
    email = Column(Text, nullable=False)
    password = Column(Text)
    secret = Column(LargeBinary)
    secret_step = Column(Integer)
    subject = Column(Text, unique=True)
    state = Column(Text, CheckConstraint("state in ('active', 'closed')", name="state"), nullable=False)
    created_at = Column(Moment, nullable=False)
    seen_at = Column(Moment)


class AccountRoleColumns(TypedColumns):
    """What an account may do, for one site or for all (`*`)."""

    account = Column(Integer, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    role = Column(
        Text,
        CheckConstraint("role in ('owner', 'operator', 'approver', 'viewer')", name="role"),
        primary_key=True,
    )
    site = Column(Text, primary_key=True)


class RecoveryColumns(TypedColumns):
    """Codes that stand in for a lost second factor, each once, as digests."""

    account = Column(Integer, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    digest = Column(Text, primary_key=True)


class SessionColumns(TypedColumns):
    """Who is signed in: the digest of the cookie, never the cookie."""

    digest = Column(Text, primary_key=True)
    account = Column(Integer, ForeignKey("account.id"), nullable=False)
    began_at = Column(Moment, nullable=False)
    seen_at = Column(Moment, nullable=False)
    ends_at = Column(Moment, nullable=False)
    address = Column(Text, nullable=False)
    agent = Column(Text, nullable=False)
    complete = Column(Integer, CheckConstraint("complete in (0, 1)", name="complete"), nullable=False)
    renew = Column(Integer, CheckConstraint("renew in (0, 1)", name="renew"), nullable=False)


class OneTimeColumns(TypedColumns):
    """What is good once and not for long: links to set a password, sign-ons under way. Digests, never the codes."""

    digest = Column(Text, primary_key=True)
    purpose = Column(Text, CheckConstraint("purpose in ('password', 'sign-on')", name="purpose"), nullable=False)
    account = Column(Integer, ForeignKey("account.id"))
    words = Column(Text, nullable=False)
    ends_at = Column(Moment, nullable=False)


class ApiTokenColumns(TypedColumns):
    """Tokens of the API: the digest of each, never the token."""

    id = Column(Integer, primary_key=True)
    name = Column(Text, nullable=False)
    digest = Column(Text, nullable=False, unique=True)
    account = Column(Integer, ForeignKey("account.id"), nullable=False)
    roles = Column(Text, nullable=False)
    created_at = Column(Moment, nullable=False)
    ends_at = Column(Moment)
    used_at = Column(Moment)
    revoked_at = Column(Moment)


class AttemptColumns(TypedColumns):
    """Attempts that are limited in number, such as failed sign-ins, by what they are counted for."""

    id = Column(Integer, primary_key=True)
    counted = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)


class AuditedColumns(TypedColumns):
    """Who did what, when, from where."""

    id = Column(Integer, primary_key=True)
    at = Column(Moment, nullable=False)
    by = Column(Text, nullable=False)
    address = Column(Text, nullable=False)
    act = Column(Text, nullable=False)
    subject = Column(Text, nullable=False)
    site = Column(Text, nullable=False)
    profile = Column(Text, nullable=False)
    words = Column(Text, nullable=False)


class AnsweredColumns(TypedColumns):
    """Answers to requests of the API that carried an idempotency key: the same request again gets the same answer."""

    who = Column(Text, primary_key=True)
    key = Column(Text, primary_key=True)
    digest = Column(Text, nullable=False)
    status = Column(Integer)
    body = Column(Text)
    at = Column(Moment, nullable=False)


account = Table("account", metadata, AccountColumns, sqlite_autoincrement=True)
account_role = Table("account_role", metadata, AccountRoleColumns)
recovery = Table("recovery", metadata, RecoveryColumns)
session = Table("session", metadata, SessionColumns, Index(None, "account"))
one_time = Table("one_time", metadata, OneTimeColumns, Index(None, "account"))
api_token = Table("api_token", metadata, ApiTokenColumns, sqlite_autoincrement=True)
attempt = Table("attempt", metadata, AttemptColumns, Index(None, "counted", "at"), sqlite_autoincrement=True)
audited = Table(
    "audited",
    metadata,
    AuditedColumns,
    Index(None, "at"),
    Index(None, "site", "id"),
    Index(None, "subject", "id"),
    sqlite_autoincrement=True,
)
answered = Table("answered", metadata, AnsweredColumns, Index(None, "at"))
