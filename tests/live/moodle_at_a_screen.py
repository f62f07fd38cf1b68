"""A Moodle as its administrator sees it: a real Chromium at its pages, doing what docs/provider.md tells."""

import os
import shutil
from contextlib import contextmanager

from real_site import URL

CHROMIUM = os.environ.get("MATRICULA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 120_000


@contextmanager
def window(playwright):
    """A browser that has never been anywhere; it takes the certificate of a test."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        browser.close()


class Administrator:
    """Somebody who may set a Moodle up.

    Args:
        page: a page of a browser.
        name: the user name.
        password: the password.
    """

    def __init__(self, page, name, password):
        self.page = page
        for _ in range(3):  # a Moodle that has just been installed may forget the first form
            self.go("/login/index.php")
            page.wait_for_load_state("networkidle")  # a script of Moodle 4.5 empties the field for the password
            page.fill("#username", name)
            page.fill("#password", password)
            with page.expect_navigation():
                page.click("#loginbtn")
            if "/login/index.php" not in page.url:
                return
        raise AssertionError(page.locator("#page").inner_text())

    def go(self, path):
        self.page.goto(f"{URL}{path}")

    def enable_oauth2(self):
        """Step 1."""
        self.go("/admin/settings.php?section=manageauths")
        link = self.page.locator('a[href*="action=enable"][href*="auth=oauth2"]')
        if link.count():
            link.first.click()
            self.page.wait_for_load_state()

    def make_service(self, name, client, secret, address):
        """Step 2; the number of the service."""
        self.go("/admin/tool/oauth2/issuers.php")
        self.page.click('form[action*="issuers.php"] button:has-text("Custom")')
        for field, value in {"name": name, "clientid": client, "clientsecret": secret, "baseurl": address}.items():
            self.page.fill(f"#id_{field}", value)
        self.page.select_option("#id_showonloginpage", label="Login page only")
        self.page.fill("#id_loginscopes", "openid profile email")
        self.page.fill("#id_loginscopesoffline", "openid profile email")
        self.page.uncheck("#id_requireconfirmation")
        self.page.check("#id_acceptrisk")
        self.page.click("#id_submitbutton")
        self.page.wait_for_selector(f'tr:has-text("{name}")')
        link = self.page.locator(f'tr:has-text("{name}") a[href*="userfieldmappings.php"]').first.get_attribute("href")
        return int(link.rpartition("issuerid=")[2])

    def map_subject(self, service):
        """Step 3."""
        self.go(f"/admin/tool/oauth2/userfieldmappings.php?issuerid={service}")
        self.page.click('button:has-text("Create new user field mapping")')
        self.page.fill("#id_externalfield", "sub")
        self.page.select_option("#id_internalfield", "username")
        self.page.click("#id_submitbutton")
        self.page.wait_for_selector('td:has-text("username")')

    def prevent_accounts(self):
        """Step 4."""
        self.go("/admin/settings.php?section=manageauths")
        self.page.check("#id_s__authpreventaccountcreation")
        self._save()

    def let_reach(self, port):
        """Step 5; what the two lists were."""
        self.go("/admin/settings.php?section=httpsecurity")
        hosts, ports = "#id_s__curlsecurityblockedhosts", "#id_s__curlsecurityallowedport"
        before = {each: self.page.input_value(each) for each in (hosts, ports)}
        kept = [line for line in before[hosts].splitlines() if not line.startswith(("127.", "localhost"))]
        self.page.fill(hosts, "\n".join(kept))
        self.page.fill(ports, "\n".join([*before[ports].splitlines(), str(port)]))
        self._save()
        return before

    def put_back_lists(self, lists):
        """The two lists as they were."""
        self.go("/admin/settings.php?section=httpsecurity")
        for field, text in lists.items():
            self.page.fill(field, text)
        self._save()

    def put_back(self, service, lists):
        """As it was."""
        self.put_back_lists(lists)
        self.go("/admin/settings.php?section=manageauths")
        self.page.uncheck("#id_s__authpreventaccountcreation")
        self._save()
        if service:
            self.go("/admin/tool/oauth2/issuers.php")
            gone = 'a[href*="action=delete"]'
            self.page.click(f'{gone}[href*="id={service}&"], {gone}[href$="id={service}"]')
            self.page.click('form[action*="issuers.php"] button:has-text("Continue")')
            self.page.wait_for_selector(".alert-success")

    def _save(self):
        self.page.click('#adminsettings button[type="submit"]')
        self.page.wait_for_selector(".alert-success, .alert:has-text('saved')")
