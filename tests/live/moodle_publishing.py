"""A Moodle's administrator who publishes a course as a tool, doing what docs/sign-on.md tells."""

import re


class Publisher:
    """Publishes courses.

    Args:
        admin: an administrator at a screen.
    """

    def __init__(self, admin):
        self.admin = admin
        self.page = admin.page

    def enable(self):
        """Step 1."""
        for section, what in (("manageauths", "auth=lti"), ("manageenrols", "enrol=lti")):
            self.admin.go(f"/admin/settings.php?section={section}")
            link = self.page.locator(f'a[href*="action=enable"][href*="{what}"]')
            if link.count():
                link.first.click()
                self.page.wait_for_load_state()

    def register(self, name, told):
        """Steps 2 and 3: enter what Matricula told; the number of the platform."""
        self.admin.go("/enrol/lti/register_platform.php?action=add")
        self._send(name=name)
        number = int(re.search(r"regid=(\d+)", self.page.url).group(1))
        self.admin.go(f"/enrol/lti/register_platform.php?action=edit&regid={number}")
        self._send(
            platformid=told.platform,
            clientid=told.client,
            authenticationrequesturl=told.asks,
            jwksurl=told.keys,
            accesstokenurl=told.token,
        )
        self.admin.go(f"/enrol/lti/manage_deployment.php?action=add&registrationid={number}")
        self._send(name=name, deploymentid=told.deployment)
        return number

    def publish(self, course):
        """Step 4; what the Moodle calls the course."""
        self.admin.go(f"/enrol/editinstance.php?courseid={course}&type=lti")
        self.page.select_option("#id_provisioningmodeinstructor", "1")
        self._send()
        self.admin.go(f"/enrol/lti/index.php?courseid={course}")
        return re.search(r"id=([0-9a-f]{8}-[0-9a-f-]{27})", self.page.content()).group(1)

    def take_back(self, number):
        """Delete a platform."""
        self.admin.go(f"/enrol/lti/register_platform.php?action=delete&regid={number}")
        self.page.click('button:has-text("Continue"), input[value="Continue"], button:has-text("Delete")')
        self.page.wait_for_load_state()

    def _send(self, **fields):
        for name, value in fields.items():
            self.page.fill(f"#id_{name}", value)
        with self.page.expect_navigation():
            self.page.click("#id_submitbutton")
