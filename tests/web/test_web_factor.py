"""The second factor: set up, asked for, used once, lost, taken away, demanded of everybody."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from web_browser import ADDRESS, PASSWORD, Browser, words

from matricula.store.accounts import Granted
from matricula.store.rotation import rotate

START = datetime(2026, 9, 1, 7, tzinfo=UTC)


class Clock:
    now = START

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(service):
    clock = service.accounts.now = Clock()
    return clock


@pytest.fixture
def anna(clock, sign_in_as):
    return sign_in_as("viewer")


def secret_of(page):
    return re.search(r'class="key">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")


def code_of(secret, clock, steps=0):
    return pyotp.TOTP(secret).generate_otp(int(clock.now.timestamp()) // 30 + steps)


@pytest.fixture
def secret(anna, clock):
    """The secret of a factor that is set up; the recovery codes are in `codes`."""
    secret = secret_of(anna.fill_in("/me/second-factor", "/me/second-factor/begin"))
    page = anna.fill_in("/me/second-factor", "/me/second-factor/confirm", code=code_of(secret, clock))
    anna.codes = re.findall(r"<li><code>([a-z0-9-]+)</code>", page.text)
    clock.forward(60)
    return secret


@pytest.fixture
def elsewhere(app, anna):
    """Another browser in which Anna has typed her password."""
    with Browser(app, base_url=ADDRESS) as browser:
        page = browser.sign_in("viewer-0")
        browser.asked = page.url.path == "/sign-in/second"
        yield browser


def give(browser, code):
    return browser.fill_in("/sign-in/second", "/sign-in/second", code=code)


def test_it_counts_once_a_code_has_confirmed_it(anna, service, clock):
    page = anna.fill_in("/me/second-factor", "/me/second-factor/begin")
    assert "<svg" in page.text
    assert "style=" not in page.text
    assert not service.accounts.named("viewer-0").second_factor
    secret = secret_of(page)
    wrong = anna.fill_in("/me/second-factor", "/me/second-factor/confirm", code="000000")
    assert wrong.status_code == 400
    assert secret_of(wrong) == secret
    page = anna.fill_in("/me/second-factor", "/me/second-factor/confirm", code=code_of(secret, clock))
    assert len(set(re.findall(r"<li><code>([a-z0-9-]+)</code>", page.text))) == 10
    assert service.accounts.named("viewer-0").second_factor
    assert secret not in anna.get("/me/second-factor").text


def test_the_secret_is_kept_encrypted_and_gets_the_new_key(service, secret):
    kept = service.accounts.named("viewer-0").secret
    assert secret.encode() not in kept
    rotate(service.home.vault, service.store.secrets)
    again = service.accounts.named("viewer-0").secret
    assert again != kept
    assert service.home.vault.decrypt(again) == secret


def test_a_password_alone_opens_nothing(secret, elsewhere):
    assert elsewhere.asked
    for path in ("/", "/me", "/me/second-factor"):
        assert elsewhere.get(path).url.path == "/sign-in/second"
    assert elsewhere.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_codes_of_now_and_half_a_minute_around_sign_in(secret, elsewhere, clock, steps):
    assert give(elsewhere, code_of(secret, clock, steps)).url.path == "/"


@pytest.mark.parametrize("steps", [-2, 2])
def test_codes_of_another_time_do_not(secret, elsewhere, clock, steps):
    assert give(elsewhere, code_of(secret, clock, steps)).status_code == 401


def test_a_code_is_good_once(secret, elsewhere, clock, app):
    code = code_of(secret, clock)
    assert give(elsewhere, code).url.path == "/"
    with Browser(app, base_url=ADDRESS) as third:
        third.sign_in("viewer-0")
        page = give(third, code)
        assert page.status_code == 401
        assert "was used before" in words(page)
        assert give(third, code_of(secret, clock, 1)).url.path == "/"


def test_the_code_that_confirmed_it_is_used(anna, app, clock):
    secret = secret_of(anna.fill_in("/me/second-factor", "/me/second-factor/begin"))
    code = code_of(secret, clock)
    anna.fill_in("/me/second-factor", "/me/second-factor/confirm", code=code)
    with Browser(app, base_url=ADDRESS) as browser:
        browser.sign_in("viewer-0")
        assert give(browser, code).status_code == 401


def test_the_session_gets_another_cookie_with_the_code(secret, elsewhere, clock):
    before = elsewhere.cookies["matricula"]
    give(elsewhere, code_of(secret, clock))
    assert elsewhere.cookies["matricula"] != before
    elsewhere.cookies.set("matricula", before, domain="console.example")
    assert elsewhere.get("/").url.path == "/sign-in"


def test_recovery_codes_sign_in_once_each(anna, secret, elsewhere, app):
    assert give(elsewhere, anna.codes[0].upper().replace("-", " ")).url.path == "/"
    with Browser(app, base_url=ADDRESS) as third:
        third.sign_in("viewer-0")
        assert give(third, anna.codes[0]).status_code == 401
        assert give(third, anna.codes[1]).url.path == "/"
    assert "8 recovery codes left" in words(anna.get("/me/second-factor"))


def test_new_codes_need_the_password_and_end_the_old_ones(anna, secret, elsewhere):
    assert anna.fill_in("/me/second-factor", "/me/second-factor/codes", password="not it").status_code == 400
    page = anna.fill_in("/me/second-factor", "/me/second-factor/codes", password=PASSWORD)
    assert page.status_code == 200
    assert anna.codes[0] not in page.text
    assert give(elsewhere, anna.codes[0]).status_code == 401


def test_guessing_codes_is_slowed_down(secret, elsewhere, clock):
    assert [give(elsewhere, "000000").status_code for _ in range(6)] == [401] * 5 + [429]
    page = give(elsewhere, code_of(secret, clock))
    assert page.status_code == 429
    assert "possible in 15 seconds" in words(page)
    clock.forward(16)
    assert give(elsewhere, code_of(secret, clock)).url.path == "/"


def test_it_goes_away_with_the_password(anna, secret, service):
    assert anna.fill_in("/me/second-factor", "/me/second-factor/remove", password="not it").status_code == 400
    assert service.accounts.named("viewer-0").second_factor
    anna.fill_in("/me/second-factor", "/me/second-factor/remove", password=PASSWORD)
    assert not service.accounts.named("viewer-0").second_factor
    assert service.store.factors.codes_left(service.accounts.named("viewer-0").id) == 0


def test_an_owner_takes_a_lost_one_away(secret, anna, service, owner):
    account = service.accounts.named("viewer-0")
    address = f"/settings/accounts/{account.id}"
    assert owner.fill_in(address, f"{address}/second-factor/remove").status_code == 400
    assert service.accounts.get(account.id).second_factor
    owner.fill_in(address, f"{address}/second-factor/remove", sure="yes")
    assert not service.accounts.get(account.id).second_factor
    noted = service.store.audit.find(act="second-factor.taken")
    assert [(each.by, each.subject) for each in noted] == [("owner-1", "account viewer-0")]
    assert anna.get("/").url.path == "/sign-in"


def test_where_it_is_required_nothing_else_comes_first(anna, service, clock, tmp_path):
    service.home.load("kind: service\nname: service\nsessions: {second_factor: required}\n", "test", tmp_path)
    for path in ("/", "/me", "/profiles"):
        page = anna.get(path)
        assert page.url.path == ("/me/second-factor" if path != "/profiles" else page.url.path)
    assert anna.get("/api/v1/me").status_code == 401
    secret = secret_of(anna.fill_in("/me/second-factor", "/me/second-factor/begin"))
    anna.fill_in("/me/second-factor", "/me/second-factor/confirm", code=code_of(secret, clock))
    assert anna.get("/").url.path == "/"


def test_a_factor_that_counts_is_not_overwritten(anna, secret, service):
    before = service.accounts.named("viewer-0").secret
    service.accounts.factors.begin(service.accounts.named("viewer-0"))
    assert service.accounts.named("viewer-0").secret == before


def test_nobody_gives_another_ones_recovery_code(anna, secret, service, app):
    berta = service.accounts.add("berta", "Berta", "", PASSWORD, [Granted("viewer", "*")])
    service.accounts.factors.begin(berta)
    service.store.factors.confirm(berta.id, 1)
    with Browser(app, base_url=ADDRESS) as browser:
        browser.sign_in("berta")
        assert give(browser, anna.codes[0]).status_code == 401
