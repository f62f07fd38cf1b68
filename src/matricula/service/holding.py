"""What a site's own sign-in is told of a person: of the account that is theirs, as the site has it."""

from datetime import datetime

from matricula.hub import Home
from matricula.moodle import Moodle
from matricula.moodle.users import User
from matricula.provider.holder import Holder
from matricula.service.going import GoingDesk
from matricula.sign_on import Person
from matricula.sign_on.account import NotSignedOnError


class HoldingDesk:
    """Finds what may be told of people to sites that ask by themselves who somebody is.

    Args:
        home: the home.
        going: finds accounts.
    """

    def __init__(self, home: Home, going: GoingDesk) -> None:
        self._home = home
        self._going = going

    def holder(self, person: Person, site: str, signed_in_at: datetime) -> Holder:
        """A person, with the account of a site that is theirs.

        Moodle finds the account by its e-mail address when somebody comes for the first time, takes the first one
        that has it, and remembers that for good (`complete_login` of auth_oauth2). So an address that several
        accounts have, or none, signs nobody on.

        Args:
            person: who it is.
            site: the site.
            signed_in_at: when they signed in here.

        Raises:
            NotSignedOnError: there is no account that is surely theirs and that Moodle is sure to find.
            SettingError: nobody is signed on to the site, or a setting is missing.
            MoodleError: the site cannot be asked.
        """
        with self._going.account_at(person, site) as (ground, account):
            user = _alone(ground.moodle, account.id, account.email, site)
        return Holder(
            person=person,
            account=user.id,
            username=user.username,
            email=user.email,
            given=user.firstname,
            family=user.lastname,
            idnumber=user.idnumber,
            sourced_id=self._sourced_id(site, user.id),
            signed_in_at=int(signed_in_at.timestamp()),
        )

    def _sourced_id(self, site: str, account: int) -> str:
        profiles = [each.name for each in self._home.profiles(readable=True) if each.site == site]
        rows = [self._home.store.ledger.by_moodle_id(name, "user", account) for name in profiles]
        return next((row.key for row in rows if row is not None and not row.removed), "")


def _alone(moodle: Moodle, account: int, email: str, site: str) -> User:
    """The account, if it is the only one with its address."""
    if not email:
        raise NotSignedOnError(
            "Your account has no e-mail address, and without one Moodle does not find it.", "sign-on-no-email", site
        )
    found = [each for each in moodle.users.find("email", {email}) if not each.deleted]
    if [each.id for each in found] != [account]:
        raise NotSignedOnError(
            "Other accounts have the e-mail address of yours, so that Moodle might take one of theirs.",
            "sign-on-email-shared",
            site,
            "Tell the administrators of the Moodle: each account needs an address of its own.",
        )
    return found[0]
