"""A home in which every route finds something: two sites with a profile each, a plan, a run, a job, accounts, a token.

Whoever adds a route with a part of the path that is not yet in `WalkedHome.filled` adds what stands for it there; a
route that demands more of what its body names (`then` in permissions.txt) adds a body to `BODIES`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
from web_browser import ADDRESS, Browser

from matricula.hub.starters import STARTERS
from matricula.hub.tools import keep_tool_token
from matricula.sandbox.school import School
from matricula.store import Identity
from matricula.store.accounts import Granted
from matricula.web.visit import form_token_of

DOCUMENTS = "---\n".join(
    f"""kind: site
name: {site}
url: {{url}}
---
kind: source
name: source-{site}
type: oneroster-csv
path: {{folder}}
---
kind: profile
name: profile-{site}
source: source-{site}
site: {site}
"""
    for site in ("site-b", "site-a")
)
SINK = "grades: {{sink: sink-site-a}}\n---\nkind: sink\nname: sink-site-a\ntype: sql\npath: {folder}.db\n"
SERVICE = """---
kind: service
name: service
address: https://matricula.example
portal: {{published: [{{name: astronomy, title: Astronomy, moodle: "https://far.example", resource: 0b}}]}}
"""
TOOL = "---\nkind: tool\nname: tool-site-a\ntype: kuracloud\nsite: site-a\nurl: {tool}\n"
PROFILE = "kind: profile\nname: profile-site-a\nsource: source-site-a\nsite: site-a\ngrades: {sink: sink-site-a}\n"
BODIES = {
    "/api/v1/jobs": {"kind": "check", "site": "site-a"},
    "/api/v1/documents": {"body": PROFILE},
    "/api/v1/documents/{kind}/{name}": {"body": PROFILE},
}
QUERIES = {
    "/profiles/{profile}/drift/all": "?kind=user&field=firstname&decision=accepted",
    "/api/v1/profiles/{profile}/person": "?key={people}",
    "/api/v1/profiles/{profile}/course": "?key={courses}",
}
FILLED_AT = {"/profiles/{profile}/jobs/{kind}": {"kind": "plan"}, "/lti/{course}": {"course": "astronomy"}}
ABOUT_A_SITE = re.compile(r"\{(site|profile|plan|run|job|kind|source|tool|sink)\}")
ROLES = ("owner", "operator", "approver", "viewer")
MAY = {
    "viewer": {"see"},
    "approver": {"see", "apply", "approve"},
    "operator": {"see", "apply", "operate"},
    "owner": {"see", "apply", "approve", "operate", "own"},
}


def learnt_course(service):
    """A course of site A that something is known of; its id."""
    told = {"course": [7], "name": ["Class"], "shortname": ["c"], "idnumber": [""], "start": [0], "end": [0]}
    service.store.learning.keep_courses("site-a", pl.DataFrame(told), datetime.now(UTC), [7])
    return 7


@dataclass(frozen=True)
class Walker:
    """Somebody who asks for every route.

    Args:
        name: what this is called in the test.
        may: what may be done to site A.
        everywhere: what may be done to all sites.
        somewhere: what may be done to at least one.
        state: `signed in`, or why not: `nobody`, `closed`, `incomplete`.
        account: the account's name.
        token: a token, which counts for the API alone.
    """

    name: str
    may: frozenset[str] = frozenset()
    everywhere: frozenset[str] = frozenset()
    somewhere: frozenset[str] = frozenset()
    state: str = "signed in"
    account: str = ""
    token: str = ""


class WalkedHome:
    """The home, and those who walk through it."""

    def __init__(self, service, app, folder, sandbox, tool):
        self.service, self.app, self.cookies = service, app, {}
        self.browser = Browser(app, base_url=ADDRESS, follow_redirects=False)
        School.generate(seed=5, students=20, staff=6, classes=8).write(folder / "csv")
        documents = DOCUMENTS + SINK + TOOL + SERVICE
        service.home.load(documents.format(url=sandbox.url, folder=folder / "csv", tool=tool.url), "test", folder)
        keep_tool_token(service.home, "tool-site-a", tool.token)
        service.home.keep_token("site-a", sandbox.tokens["admin"])
        self.walkers = {each.name: each for each in self._walkers()}
        plan = service.hub.plan("profile-site-a").record.number
        run = service.hub.apply(plan).run
        job = service.jobs.ask("check", site="site-a", by="tester")
        victim = service.accounts.add("victim", "Victim", "", None, [Granted("viewer", "*")])
        service.accounts.tokens.make(victim, "robot", [Granted("viewer", "*")], None)
        (token,) = service.accounts.tokens.of(victim)
        self.filled = {
            "site": "site-a",
            "profile": "profile-site-a",
            "kind": "profile",
            "name": "profile-site-a",
            "plan": plan,
            "run": run,
            "job": job.id,
            "account": victim.id,
            "token": token.id,
            "session": "0" * 16,
            "file": "console.css",
            "form": "csv",
            "number": 1,
            "part": "users",
            "source": "source-site-a",
            "starter": next(iter(STARTERS)),
            "tool": "tool-site-a",
            "sink": "sink-site-a",
            "plugin": "local_matricula",
            "course": learnt_course(service),
        }
        ledger = service.store.ledger
        keys = {kind: ledger.frame("profile-site-a", kind)["key"].sort()[0] for kind in ("user", "course")}
        unclear = Identity("profile-site-a", "user", keys["user"], "Somebody", "username-shared", "It is shared.")
        service.store.identities.keep("profile-site-a", "user", [unclear])
        # A key stands at the end of a path, and what it is the key of before it: people-forget, courses.
        self.keys = {"people": keys["user"], "courses": keys["course"], "identities": keys["user"]}

    def ask(self, walker, method, path, **forged):
        """Ask for a route as somebody; new sessions after a form that was taken, so that none of them ends another's.

        `forged` are headers as a foreign page would make the browser send them, `_` for `-`; None leaves one out.
        """
        kinds = "|".join(self.keys)
        path = re.sub(rf"/({kinds})([\w-]*)/\{{key:path\}}$", lambda at: f"/{at[1]}{at[2]}/{self.keys[at[1]]}", path)
        filled = self.filled | FILLED_AT.get(path, {}) | (self._mapped() if "{tool}" in path else {})
        address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(filled[found[1]]), path)
        address += QUERIES.get(path, "").format(**self.keys)
        headers = {"Authorization": f"Bearer {walker.token}"} if walker.token else {}
        cookie = self._cookie(walker)
        self.browser.cookies.clear()
        self.browser.cookies.set("matricula" if walker.account else "matricula-form", cookie)
        headers |= {"X-CSRF-Token": form_token_of(cookie)}
        headers |= {name.replace("_", "-"): value for name, value in forged.items()}
        told = {"headers": {name: value for name, value in headers.items() if value is not None}}
        if path.startswith("/api/") and method != "GET":
            told["json"] = BODIES.get(path, {})
        answer = self.browser.request(method, address, **told)
        if method != "GET" and answer.status_code not in (401, 403):
            self.cookies.clear()
        return answer

    def _mapped(self):
        """Two courses that are kept together (somebody may just have parted them), and a preview of theirs."""
        tools, previews = self.service.store.tools, self.service.store.tool_previews
        course = int(self.service.store.ledger.frame("profile-site-a", "course")["moodle_id"].drop_nulls()[0])
        found = tools.mappings("tool-site-a") or [
            tools.map("tool-site-a", "1", "Theirs", "site-a", course, "Ours", "x")
        ]
        return {"mapping": found[0].id, "preview": previews.add(found[0].id, "roster", [], [], "x").id}

    def _cookie(self, walker):
        if not walker.account:
            return "nobody"
        if walker.name not in self.cookies:
            self.cookies[walker.name] = self._session(walker)
        return self.cookies[walker.name]

    def _session(self, walker):
        account = self.service.store.accounts.by_name(walker.account)
        complete = walker.state != "incomplete"
        return self.service.accounts.begin_session(account, address="", agent="", complete=complete)

    def _walkers(self):
        accounts = self.service.accounts
        for role in ROLES:
            rights = frozenset(MAY[role])
            for site, may, everywhere in (("*", rights, rights), ("site-a", rights, ()), ("site-b", (), ())):
                name = f"{role}-{'all' if site == '*' else site}"
                accounts.add(name, name, "", None, [Granted(role, site)])
                yield Walker(name, frozenset(may), frozenset(everywhere), rights, account=name)
        owner = accounts.add("once-owner", "Once", "", None, [Granted("owner", "*")])
        token = accounts.tokens.make(owner, "robot", [Granted("operator", "site-a")], None)
        yield Walker("token-operator-site-a", frozenset(MAY["operator"]), frozenset(), frozenset(MAY["operator"]),
                     state="token", token=token)  # fmt: skip
        accounts.add("no-role", "None", "", None, [])
        yield Walker("no-role", account="no-role")
        accounts.add("shut", "Shut", "", None, [Granted("owner", "*")])
        self.service.store.accounts.change(accounts.named("shut").id, state="closed")
        yield Walker("closed", state="closed", account="shut")
        yield Walker("incomplete", state="incomplete", account="once-owner")
        yield Walker("nobody", state="nobody")
