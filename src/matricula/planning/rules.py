"""Every kind of finding that planning can raise beside those of a profile's rules.

`docs/findings-in-plans.md` prints this table and the profiles'; a test holds them together.
"""

from matricula.profiles.rules import Rule

_ALL = (
    Rule(
        code="username-shared",
        severity="error",
        meaning="Several people of the roster have the same user name. None of them gets a new account or that name.",
        remedy="Give each a user name of their own in the school's system, or let the profile number them "
        "(users.taken_username: number).",
        table="users",
        column="username",
        message="Several people of the roster have the user name “{value}”; {name} is one.",
    ),
    Rule(
        code="email-shared",
        severity="error",
        meaning="Several people of the roster have the same e-mail address. None of them gets a new account or that "
        "address.",
        remedy="Give each an address of their own in the school's system, or leave all but one out with `matricula "
        "identities`.",
        table="users",
        column="email",
        message="Several people of the roster have the e-mail address “{value}”; {name} is one.",
    ),
    Rule(
        code="several-accounts",
        severity="error",
        meaning="A person could be any of several accounts. None of them is touched, and no new one is made.",
        remedy="Say which account is theirs with `matricula identities`, or merge or rename the accounts.",
        table="users",
        column="username",
        message="{name} could be any of several accounts with the {word} “{value}” (ids {ids}).",
    ),
    Rule(
        code="account-protected",
        severity="error",
        meaning="A person has the account of the token's own user, or one that the site document says is never to be "
        "touched. It is left as it is.",
        remedy="Change the person's user name in the school's system, or the site's never_touch.",
        table="users",
        column="username",
        message="{name} has the account “{account}”, which is never touched.",
    ),
    Rule(
        code="account-already-matched",
        severity="error",
        meaning="A person would be matched with an account that belongs to another person of the roster.",
        remedy="Mend the value in the school's system. If one person has got a new sourcedId there, ask for the old "
        "one back.",
        table="users",
        column="username",
        message="{name} has the {word} “{value}” of an account that belongs to another person of the roster ({owner}).",
    ),
    Rule(
        code="account-wanted-twice",
        severity="error",
        meaning="Two new people of the roster would be matched with the same account. Neither is.",
        remedy="Say whose it is with `matricula identities`, or mend the value of one in the school's system.",
        table="users",
        column="username",
        message="{name} and another person of the roster have the {word} “{value}” of the account “{account}” (id "
        "{id}).",
    ),
    Rule(
        code="decided-account-missing",
        severity="error",
        meaning="A person was settled to have an account that is not on the site, or no longer. They get none.",
        remedy="Settle the person anew with `matricula identities settle`.",
        table="users",
        column="username",
        message="{name} was settled to have the account with the id {value}, which is not on the site.",
    ),
    Rule(
        code="account-contradicts",
        severity="error",
        meaning="The only account that a person could be matched with has another ID number and another e-mail "
        "address: perhaps a namesake's. It is left as it is, and no new one is made.",
        remedy="Say whether it is the same person with `matricula identities`; if not, change one of the user names.",
        table="users",
        column="username",
        message="{name} has the {word} “{value}” of an account (id {id}, {owner}) whose ID number “{idnumber}” and "
        "e-mail address “{email}” are somebody else's.",
    ),
    Rule(
        code="account-is-somebody-else",
        severity="error",
        meaning="The account that a person had has another user name, ID number and e-mail address by now, and no "
        "other account is theirs by the fields matched by: its id was given anew after the site was restored, or it "
        "was renamed by hand. It is left alone, and no new account is made.",
        remedy="Say with `matricula identities` whether it still is the person's, or that they are to get a new one.",
        table="users",
        column="username",
        message="The account with the id {id}, which was that of {name}, is “{value}” ({owner}) now.",
    ),
    Rule(
        code="account-perhaps-merged",
        severity="warning",
        meaning="A person's account was suspended in Moodle by hand, and another one that is active has what the "
        "person is matched by: perhaps the two were merged. Both are left as they are.",
        remedy="Say with `matricula identities` which account is theirs from now on.",
        table="users",
        column="username",
        message="The account of {name} (id {id}) was suspended by hand, and the account “{account}” (id {other}) has "
        "what they are matched by.",
    ),
    Rule(
        code="username-taken",
        severity="error",
        meaning="A person's user name belongs to an account that is not theirs by the field matched by.",
        remedy="If it is the same person, say so with `matricula identities` or match by another field, too, in the "
        "profile (users.match); else change one of the user names.",
        table="users",
        column="username",
        message="The user name “{value}” of {name} belongs to the account “{account}” (id {id}, {owner}).",
    ),
    Rule(
        code="email-taken",
        severity="error",
        meaning="A person's e-mail address belongs to an account that is not theirs by the field matched by.",
        remedy="If it is the same person, say so with `matricula identities` or match by e-mail address, too, in the "
        "profile (users.match); else change one of the addresses.",
        table="users",
        column="email",
        message="The e-mail address “{value}” of {name} belongs to the account “{account}” (id {id}, {owner}).",
    ),
    Rule(
        code="shortname-taken",
        severity="error",
        meaning="The short name of a class belongs to a course that is not its own by the field matched by. The class "
        "becomes no course.",
        remedy="If it is the same course, set courses.match: shortname in the profile or give the course the class's "
        "ID number; else change one of the short names.",
        table="classes",
        column="classCode",
        message="The short name “{value}” of {name} belongs to the course “{other}” (id {id}).",
    ),
    Rule(
        code="course-already-matched",
        severity="error",
        meaning="Two classes point to the same course. One that has had it keeps it; of two that are new neither "
        "becomes a course.",
        remedy="Give each class a value of its own in the field matched by (courses.match).",
        table="classes",
        column="classCode",
        message="{name} and another class of the roster point to the same course “{other}” (id {id}).",
    ),
    Rule(
        code="idnumber-taken",
        severity="error",
        meaning="The ID number of a class belongs to a course that is not its own by the field matched by. The class "
        "becomes no course.",
        remedy="If it is the same course, set courses.match: idnumber in the profile; else empty the ID number of the "
        "other course in Moodle.",
        table="classes",
        column="sourcedId",
        message="The ID number “{value}” of {name} belongs to the course “{other}” (id {id}).",
    ),
    Rule(
        code="several-courses",
        severity="error",
        meaning="A class could be any of several courses. None of them is touched, and no new one is made.",
        remedy="Rename the courses, or match by another field in the profile (courses.match).",
        table="classes",
        column="classCode",
        message="{name} could be any of several courses with the {word} “{value}” (ids {ids}).",
    ),
    Rule(
        code="course-is-another",
        severity="error",
        meaning="The course that a class was matched with has another ID number, short name and full name by now, and "
        "no other course is the class's by the field matched by. It is left alone, and no new one is made.",
        remedy="If it is the same course, give it the class's ID number in Moodle; if it is not, delete it or make the "
        "right one there.",
        table="classes",
        column="classCode",
        message="The course with the id {id}, which was that of {name}, is “{other}” now.",
    ),
    Rule(
        code="template-not-found",
        severity="error",
        meaning="The course that a new course would be copied of (courses.template) is not on the site. No course is "
        "made for the class.",
        remedy="Make the course with this short name in Moodle, or mend courses.template in the profile.",
        table="classes",
        column="sourcedId",
        message="The course “{value}”, of which {name} would be copied, is not on the site.",
    ),
    Rule(
        code="category-name-shared",
        severity="warning",
        meaning="Several categories of the same name in the same place could be one that the profile wants, or several "
        "that it wants could be one. None of them is taken; a new one is made.",
        remedy="Give the right one the ID number that the plan shows, or merge them in Moodle.",
        table="orgs",
        column="name",
        message="{number} categories “{name}” are on the site without telling which is meant; a new one is made.",
    ),
    Rule(
        code="custom-field-unknown",
        severity="warning",
        meaning="The site has no custom field of a short name that the profile maps, or does not show it to the "
        "token's user. Moodle takes values for it and throws them away.",
        remedy="Make the field in Moodle, or mend its short name in the profile.",
        table="",
        column="",
        message="The site tells of no custom {what} field “{value}”; what is mapped to it is thrown away by Moodle.",
    ),
    Rule(
        code="enrolment-left-alone",
        severity="warning",
        meaning="A person was enrolled before by somebody else, in another way than the roster says. It is left as it "
        "is.",
        remedy="Mend it in Moodle, or unenrol the person there so that the next plan enrols them.",
        table="enrollments",
        column="role",
        message="{name} was enrolled before by somebody else, {told}; it is left as it is.",
    ),
    Rule(
        code="enrolments-there-already",
        severity="warning",
        meaning="Many enrolments are on the site already that the ledger does not know. Each is remembered and left "
        "as it is for ever, as one that a teacher made.",
        remedy="If Matricula made them and its ledger was lost or restored from a backup, take them over: `matricula "
        "plan --adopt`.",
        table="enrollments",
        column="",
        message="{number} of {wanted} enrolments are on the site already, and the ledger does not know them.",
    ),
    Rule(
        code="own-method-missing",
        severity="warning",
        meaning="Enrolments of Matricula's own method are to be changed, and the site has no such method, has it "
        "switched off, or is used without its plugins. Moodle's own calls cannot change them.",
        remedy="Take `plugins: false` out of the site's document if it is there; else install local_matricula and "
        "enrol_matricula again, or switch the method on: Site administration > Plugins > Enrolments > Manage "
        "enrol plugins.",
        table="enrollments",
        column="",
        message="{number} of these changes would be refused: their enrolments are of Matricula's own method, and the "
        "site is used without it.",
    ),
    Rule(
        code="enrolments-not-moved",
        severity="warning",
        meaning="Enrolments that Matricula made cannot be moved to its own method, since they are no longer there.",
        remedy="Plan again: what the roster wants is made anew.",
        table="enrollments",
        column="",
        message="{number} enrolments are not moved: {why}.",
    ),
    Rule(
        code="name-taken-in-course",
        severity="error",
        meaning="A group or grouping has the name or ID number of one that stands for another group of the roster.",
        remedy="Give the groups names of their own in the profile (groups), or rename the group in Moodle.",
        table="classes",
        column="title",
        message="The {kind} {name} would have the name of one that stands for something else: “{value}”.",
    ),
    Rule(
        code="cohort-category-unknown",
        severity="error",
        meaning="A cohort is to stand in a category that the site does not have. It is not made.",
        remedy="Make the category in Moodle and give it the ID number, or mend cohorts.category in the profile.",
        table="users",
        column="grades",
        message="The cohort “{name}” is to stand in a category with the ID number “{value}”, which is not there.",
    ),
    Rule(
        code="long-lived-course-missing",
        severity="error",
        meaning="A course that is to take the enrolments of others is not on the site. Nothing is linked to it.",
        remedy="Make the course in Moodle, mend its short name in the profile (meta_links), or name a fullname there, "
        "so that it is made.",
        table="classes",
        column="title",
        message="There is no course with the short name “{value}” that could take the enrolments of others.",
    ),
    Rule(
        code="site-went-back",
        severity="warning",
        meaning="Of the records that were made last many are not on the site: it was restored from a backup, or it is "
        "another site. Everything is read, what is missing is made anew, and what went back is put back.",
        remedy="If the site was restored, release the plan. If this is not the school's Moodle, mend the address in "
        "the site document.",
        table="",
        column="",
        message="{lost} of the {number} newest records of the ledger are not on the site any more, or are others.",
    ),
    Rule(
        code="grades-unreadable",
        severity="error",
        meaning="An enrolment is to be ended or a course to be deleted, and the grades that go with it cannot be read "
        "and kept. It will be left as it is.",
        remedy="Give the token's service the function gradereport_user_get_grade_items, and its user "
        "gradereport/user:view and moodle/grade:viewall; or let the profile suspend and hide.",
        table="",
        column="",
        message="The grades of the {kind} {name} cannot be read. {why}",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of planning itself, by its code."""
