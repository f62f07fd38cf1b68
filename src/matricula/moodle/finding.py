"""Which Moodle stands behind an address that somebody copied out of a browser. No token is sent."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx2

from matricula.moodle.answers import read
from matricula.moodle.errors import Busy, MoodleError, NotMoodle, TokenRefused
from matricula.moodle.exchange import Answer, Asked, Secret
from matricula.moodle.site import GET_SITE_INFO
from matricula.moodle.transport import PATH, tidy, transport_error

MOST_TRIES = 8
MOST_BYTES = 64 * 1024
_REDIRECTS = range(300, 400)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_AS_SHOWN = "Write it as your browser shows it, such as https://moodle.school.example ."
#: The folders of a Moodle that its pages are in; what stands before one is the site's own address.
_FOLDERS = frozenset(
    [
        "admin",
        "auth",
        "backup",
        "badges",
        "blocks",
        "blog",
        "calendar",
        "cohort",
        "comment",
        "completion",
        "contentbank",
        "course",
        "customfield",
        "enrol",
        "files",
        "filter",
        "grade",
        "group",
        "h5p",
        "lib",
        "local",
        "login",
        "message",
        "mod",
        "my",
        "notes",
        "payment",
        "portfolio",
        "question",
        "rating",
        "report",
        "repository",
        "rss",
        "search",
        "tag",
        "theme",
        "user",
        "webservice",
    ]
)


def find_site(typed: str, *, seconds: float = 10) -> str:
    """The address of the Moodle that a page belongs to.

    Args:
        typed: the address of any of its pages, with or without `https://`.
        seconds: how long one answer may take.

    Returns:
        the address of its front page, encrypted where it answers so.

    Raises:
        NotMoodle: the text is no address, or no Moodle answers there.
        Busy: nothing answers, or the site is in maintenance.
        AccessRefused: its web services or the REST protocol are switched off, or something stands before them.
    """
    waiting, tried, refused = list(_candidates(typed)), set[str](), list[MoodleError]()
    while waiting and len(tried) < MOST_TRIES:
        address = waiting.pop(0)
        if address in tried:
            continue
        tried.add(address)
        found = _ask(address, seconds)
        if found is None:
            return address
        if isinstance(found, str):
            waiting.insert(0, found)
        elif isinstance(found, Busy) and address.startswith("https:") and any(_plain(address) == w for w in waiting):
            refused.append(found)  # nothing answers encrypted: what was typed without a scheme may be meant otherwise
        elif isinstance(found, NotMoodle) and "certificate" not in found.what.lower():
            refused.append(found)
        else:
            raise found
    raise _of_all(typed, refused)


def _candidates(typed: str) -> Iterator[str]:
    text = typed.strip(" \t\r\n<>\"'.,;")
    if not text or any(each.isspace() for each in text):
        raise NotMoodle("This is no address of a site.", where=text[:200], remedy=_AS_SHOWN)
    schemes = [""] if "://" in text else ["https://", "http://"]
    if schemes != [""] and _is_near(urlsplit(f"//{text}").hostname or ""):
        schemes.reverse()
    for scheme in schemes:
        yield from _paths(_tidied(scheme + text))


def _tidied(url: str) -> str:
    try:
        return tidy(url)
    except NotMoodle as error:
        error.remedy = _AS_SHOWN
        raise


def _paths(base: str) -> list[str]:
    """The site's address by the folders of Moodle, then every folder above, down to the host alone."""
    parts = urlsplit(base)
    folders = [each for each in parts.path.split("/") if each]
    if folders and folders[-1].endswith(".php"):
        folders.pop()
    own = next((number for number, each in enumerate(folders) if each in _FOLDERS), len(folders))
    depths = [own, *range(own - 1, -1, -1)]
    host = f"{parts.scheme}://{parts.netloc}"
    return ["/".join([host, *folders[:depth]]) for depth in depths]


def _is_near(host: str) -> bool:
    if host in _LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _plain(address: str) -> str:
    return "http:" + address.removeprefix("https:")


def _ask(address: str, seconds: float) -> MoodleError | str | None:
    """None where a Moodle answers, another address where it sends callers on to, else why it is none."""
    asked = Asked(GET_SITE_INFO, address, repeatable=True, token=Secret("none-is-sent"), functions=lambda _: None)
    try:
        answer = _answer(address, seconds)
        onward = _onward(address, answer)
        if onward:
            return onward
        read(answer, asked)
    except httpx2.RequestError as error:
        return transport_error(error, asked)
    except httpx2.InvalidURL:
        return asked.error(NotMoodle, "This is no address of a site.", _AS_SHOWN)
    except TokenRefused:
        return None
    except MoodleError as error:
        return None if error.errorcode else error
    return asked.error(NotMoodle, "Something else than a Moodle answers.")


def _answer(address: str, seconds: float) -> Answer:
    url = f"{address}{PATH}?wsfunction={GET_SITE_INFO}&moodlewsrestformat=json"
    near = _is_near(urlsplit(address).hostname or "")
    with (
        httpx2.Client(timeout=seconds, follow_redirects=False, trust_env=not near) as client,
        client.stream("POST", url, data={"wstoken": "none-is-sent"}) as response,
    ):
        body = b""
        for part in response.iter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                break
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, response.reason_phrase, headers, body[:MOST_BYTES])


def _onward(address: str, answer: Answer) -> str:
    """Where a site sends its callers on to, where that may be its own address."""
    if answer.status not in _REDIRECTS:
        return ""
    target = urljoin(f"{address}{PATH}", answer.headers.get("location", ""))
    base, found, _ = target.partition(PATH)
    if not found or (address.startswith("https:") and not base.startswith("https:")):
        return ""
    return tidy(base)


def _of_all(typed: str, refused: list[MoodleError]) -> MoodleError:
    last = next((each for each in refused if isinstance(each, Busy)), None)
    if last is not None and not any(isinstance(each, NotMoodle) for each in refused):
        return last
    walls = [each for each in refused if "sends callers on" in each.what or each.what.startswith("No safe")]
    if walls:
        return walls[0]
    return NotMoodle(
        "No Moodle answers at this address.",
        where=typed.strip().rpartition("@")[2][:200],
        remedy="Open your Moodle in another tab and copy the address of its front page from the top of the browser. "
        "If it is right, ask whoever runs the web server to let this computer reach /webservice/rest/server.php there.",
    )
