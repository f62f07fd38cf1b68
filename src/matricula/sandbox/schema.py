"""The tables of a sandbox, named and shaped as Moodle's own, as far as its functions need them."""

TABLES = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE service (id INTEGER PRIMARY KEY, name TEXT NOT NULL, everything INTEGER NOT NULL DEFAULT 0);
CREATE TABLE service_function (serviceid INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (serviceid, name)) WITHOUT ROWID;
CREATE TABLE token (token TEXT PRIMARY KEY, label TEXT NOT NULL, userid INTEGER NOT NULL,
    serviceid INTEGER NOT NULL, validuntil INTEGER NOT NULL DEFAULT 0);

CREATE TABLE user (id INTEGER PRIMARY KEY, auth TEXT NOT NULL DEFAULT 'manual',
    confirmed INTEGER NOT NULL DEFAULT 1, suspended INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0, siteadmin INTEGER NOT NULL DEFAULT 0,
    username TEXT NOT NULL UNIQUE, password TEXT NOT NULL DEFAULT '', idnumber TEXT NOT NULL DEFAULT '',
    firstname TEXT NOT NULL, lastname TEXT NOT NULL, email TEXT NOT NULL,
    phone1 TEXT NOT NULL DEFAULT '', phone2 TEXT NOT NULL DEFAULT '', institution TEXT NOT NULL DEFAULT '',
    department TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '', city TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '', lang TEXT NOT NULL DEFAULT 'en',
    calendartype TEXT NOT NULL DEFAULT 'gregorian', theme TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT '99', firstaccess INTEGER NOT NULL DEFAULT 0,
    lastaccess INTEGER NOT NULL DEFAULT 0, description TEXT, descriptionformat INTEGER NOT NULL DEFAULT 1,
    mailformat INTEGER NOT NULL DEFAULT 1, maildisplay INTEGER NOT NULL DEFAULT 2,
    trackforums INTEGER NOT NULL DEFAULT 0, firstnamephonetic TEXT, lastnamephonetic TEXT, middlename TEXT,
    alternatename TEXT, interests TEXT NOT NULL DEFAULT '', timecreated INTEGER NOT NULL DEFAULT 0,
    timemodified INTEGER NOT NULL DEFAULT 0);
CREATE INDEX user_idnumber ON user (fold(idnumber));
CREATE INDEX user_email ON user (fold(email));
CREATE INDEX user_lowermail ON user (lower_(email));
CREATE TABLE user_field (id INTEGER PRIMARY KEY, shortname TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    datatype TEXT NOT NULL DEFAULT 'text');
CREATE TABLE user_data (userid INTEGER NOT NULL, fieldid INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (userid, fieldid)) WITHOUT ROWID;
CREATE TABLE user_preference (userid INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (userid, name)) WITHOUT ROWID;

CREATE TABLE context (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, instanceid INTEGER NOT NULL,
    UNIQUE (level, instanceid));
CREATE TABLE role (id INTEGER PRIMARY KEY, shortname TEXT NOT NULL UNIQUE, sortorder INTEGER NOT NULL);
CREATE TABLE role_level (roleid INTEGER NOT NULL, level INTEGER NOT NULL,
    PRIMARY KEY (roleid, level)) WITHOUT ROWID;
CREATE TABLE role_allow (roleid INTEGER NOT NULL, assigns INTEGER NOT NULL,
    PRIMARY KEY (roleid, assigns)) WITHOUT ROWID;
CREATE TABLE role_capability (capability TEXT NOT NULL, roleid INTEGER NOT NULL,
    PRIMARY KEY (capability, roleid)) WITHOUT ROWID;
CREATE TABLE role_assignments (id INTEGER PRIMARY KEY, roleid INTEGER NOT NULL,
    contextid INTEGER NOT NULL, userid INTEGER NOT NULL, component TEXT NOT NULL DEFAULT '',
    itemid INTEGER NOT NULL DEFAULT 0, UNIQUE (contextid, userid, roleid, component, itemid));
CREATE INDEX role_assignments_user ON role_assignments (userid, contextid);

CREATE TABLE course_categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL, idnumber TEXT,
    description TEXT NOT NULL DEFAULT '', descriptionformat INTEGER NOT NULL DEFAULT 1,
    parent INTEGER NOT NULL DEFAULT 0, place INTEGER NOT NULL DEFAULT 0,
    sortorder INTEGER NOT NULL DEFAULT 0, visible INTEGER NOT NULL DEFAULT 1,
    visibleold INTEGER NOT NULL DEFAULT 1, timemodified INTEGER NOT NULL DEFAULT 0,
    depth INTEGER NOT NULL DEFAULT 1, path TEXT NOT NULL DEFAULT '');
CREATE INDEX course_categories_idnumber ON course_categories (fold(idnumber));
CREATE INDEX course_categories_parent ON course_categories (parent);
CREATE TABLE course (id INTEGER PRIMARY KEY, category INTEGER NOT NULL, place INTEGER NOT NULL DEFAULT 0,
    fullname TEXT NOT NULL, shortname TEXT NOT NULL,
    idnumber TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL DEFAULT '',
    summaryformat INTEGER NOT NULL DEFAULT 1, format TEXT NOT NULL DEFAULT 'topics',
    showgrades INTEGER NOT NULL DEFAULT 1, newsitems INTEGER NOT NULL DEFAULT 5,
    startdate INTEGER NOT NULL DEFAULT 0, enddate INTEGER NOT NULL DEFAULT 0,
    marker INTEGER NOT NULL DEFAULT 0, maxbytes INTEGER NOT NULL DEFAULT 0,
    legacyfiles INTEGER NOT NULL DEFAULT 0, showreports INTEGER NOT NULL DEFAULT 0,
    visible INTEGER NOT NULL DEFAULT 1, visibleold INTEGER NOT NULL DEFAULT 1,
    groupmode INTEGER NOT NULL DEFAULT 0, groupmodeforce INTEGER NOT NULL DEFAULT 0,
    defaultgroupingid INTEGER NOT NULL DEFAULT 0, lang TEXT NOT NULL DEFAULT '',
    theme TEXT NOT NULL DEFAULT '', calendartype TEXT NOT NULL DEFAULT '',
    timecreated INTEGER NOT NULL DEFAULT 0, timemodified INTEGER NOT NULL DEFAULT 0,
    requested INTEGER NOT NULL DEFAULT 0, enablecompletion INTEGER NOT NULL DEFAULT 0,
    completionnotify INTEGER NOT NULL DEFAULT 0, cacherev INTEGER NOT NULL DEFAULT 0,
    showactivitydates INTEGER NOT NULL DEFAULT 0, showcompletionconditions INTEGER);
CREATE INDEX course_shortname ON course (fold(shortname));
CREATE INDEX course_idnumber ON course (fold(idnumber));
CREATE INDEX course_category ON course (category);
CREATE TABLE course_option (courseid INTEGER NOT NULL, format TEXT NOT NULL, name TEXT NOT NULL,
    value INTEGER NOT NULL, PRIMARY KEY (courseid, format, name)) WITHOUT ROWID;
CREATE TABLE course_field (id INTEGER PRIMARY KEY, shortname TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    datatype TEXT NOT NULL DEFAULT 'text', choices TEXT NOT NULL DEFAULT '');
CREATE TABLE course_data (courseid INTEGER NOT NULL, fieldid INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (courseid, fieldid)) WITHOUT ROWID;
CREATE TABLE course_sections (id INTEGER PRIMARY KEY, course INTEGER NOT NULL, section INTEGER NOT NULL,
    name TEXT, summary TEXT NOT NULL DEFAULT '', summaryformat INTEGER NOT NULL DEFAULT 1,
    visible INTEGER NOT NULL DEFAULT 1, UNIQUE (course, section));
CREATE TABLE course_modules (id INTEGER PRIMARY KEY, course INTEGER NOT NULL, module TEXT NOT NULL,
    instance INTEGER NOT NULL, section INTEGER NOT NULL, idnumber TEXT NOT NULL DEFAULT '',
    visible INTEGER NOT NULL DEFAULT 1, groupmode INTEGER NOT NULL DEFAULT 0,
    groupingid INTEGER NOT NULL DEFAULT 0, added INTEGER NOT NULL DEFAULT 0);
CREATE INDEX course_modules_course ON course_modules (course);
CREATE TABLE activity (module TEXT NOT NULL, id INTEGER NOT NULL, course INTEGER NOT NULL,
    name TEXT NOT NULL, intro TEXT NOT NULL DEFAULT '', grade REAL NOT NULL DEFAULT 100,
    opens INTEGER NOT NULL DEFAULT 0, closes INTEGER NOT NULL DEFAULT 0,
    cutoff INTEGER NOT NULL DEFAULT 0, timelimit INTEGER NOT NULL DEFAULT 0,
    timemodified INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (module, id)) WITHOUT ROWID;

CREATE TABLE enrol (id INTEGER PRIMARY KEY, enrol TEXT NOT NULL, status INTEGER NOT NULL DEFAULT 0,
    courseid INTEGER NOT NULL, name TEXT, roleid INTEGER NOT NULL DEFAULT 5, customint1 INTEGER,
    customint2 INTEGER);
CREATE INDEX enrol_course ON enrol (courseid);
CREATE INDEX enrol_linked ON enrol (customint1);
CREATE TABLE user_enrolments (id INTEGER PRIMARY KEY, status INTEGER NOT NULL DEFAULT 0,
    enrolid INTEGER NOT NULL, userid INTEGER NOT NULL, timestart INTEGER NOT NULL DEFAULT 0,
    timeend INTEGER NOT NULL DEFAULT 0, UNIQUE (enrolid, userid));
CREATE INDEX user_enrolments_user ON user_enrolments (userid);

CREATE TABLE groups (id INTEGER PRIMARY KEY, courseid INTEGER NOT NULL, name TEXT NOT NULL,
    idnumber TEXT NOT NULL DEFAULT '', description TEXT, descriptionformat INTEGER NOT NULL DEFAULT 1,
    enrolmentkey TEXT, visibility INTEGER NOT NULL DEFAULT 0, participation INTEGER NOT NULL DEFAULT 1);
CREATE INDEX groups_course ON groups (courseid);
CREATE TABLE groups_members (groupid INTEGER NOT NULL, userid INTEGER NOT NULL,
    component TEXT NOT NULL DEFAULT '', itemid INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (groupid, userid)) WITHOUT ROWID;
CREATE INDEX groups_members_user ON groups_members (userid);
CREATE TABLE groupings (id INTEGER PRIMARY KEY, courseid INTEGER NOT NULL, name TEXT NOT NULL,
    idnumber TEXT NOT NULL DEFAULT '', description TEXT, descriptionformat INTEGER NOT NULL DEFAULT 1);
CREATE INDEX groupings_course ON groupings (courseid);
CREATE TABLE groupings_groups (id INTEGER PRIMARY KEY, groupingid INTEGER NOT NULL,
    groupid INTEGER NOT NULL, UNIQUE (groupingid, groupid));

CREATE TABLE cohort (id INTEGER PRIMARY KEY, contextid INTEGER NOT NULL, name TEXT NOT NULL,
    idnumber TEXT, description TEXT, descriptionformat INTEGER NOT NULL DEFAULT 1,
    visible INTEGER NOT NULL DEFAULT 1, theme TEXT NOT NULL DEFAULT '');
CREATE INDEX cohort_idnumber ON cohort (fold(idnumber));
CREATE TABLE cohort_members (cohortid INTEGER NOT NULL, userid INTEGER NOT NULL,
    PRIMARY KEY (cohortid, userid)) WITHOUT ROWID;
CREATE INDEX cohort_members_user ON cohort_members (userid);

CREATE TABLE grade_categories (id INTEGER PRIMARY KEY, courseid INTEGER NOT NULL, parent INTEGER,
    fullname TEXT NOT NULL, aggregation INTEGER NOT NULL DEFAULT 13, droplow INTEGER NOT NULL DEFAULT 0);
CREATE INDEX grade_categories_course ON grade_categories (courseid);
CREATE TABLE grade_items (id INTEGER PRIMARY KEY, courseid INTEGER NOT NULL, categoryid INTEGER,
    itemname TEXT, itemtype TEXT NOT NULL, itemmodule TEXT, iteminstance INTEGER, itemnumber INTEGER,
    idnumber TEXT, gradetype INTEGER NOT NULL DEFAULT 1, grademax REAL NOT NULL DEFAULT 100,
    grademin REAL NOT NULL DEFAULT 0, hidden INTEGER NOT NULL DEFAULT 0,
    locked INTEGER NOT NULL DEFAULT 0, scaleid INTEGER, extracredit INTEGER NOT NULL DEFAULT 0,
    sortorder INTEGER NOT NULL DEFAULT 0);
CREATE INDEX grade_items_course ON grade_items (courseid);
CREATE TABLE scale (id INTEGER PRIMARY KEY, name TEXT NOT NULL, words TEXT NOT NULL);
CREATE TABLE grade_grades (id INTEGER PRIMARY KEY, itemid INTEGER NOT NULL, userid INTEGER NOT NULL,
    finalgrade REAL, grademax REAL, weight REAL, status TEXT, overridden INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0, locked INTEGER NOT NULL DEFAULT 0, excluded INTEGER NOT NULL DEFAULT 0,
    feedback TEXT, feedbackformat INTEGER NOT NULL DEFAULT 0, timemodified INTEGER NOT NULL DEFAULT 0,
    UNIQUE (itemid, userid));
CREATE INDEX grade_grades_user ON grade_grades (userid);
CREATE TABLE assign_grades (id INTEGER PRIMARY KEY, assignment INTEGER NOT NULL, userid INTEGER NOT NULL,
    attemptnumber INTEGER NOT NULL DEFAULT 0, grader INTEGER NOT NULL, grade REAL NOT NULL,
    timecreated INTEGER NOT NULL, timemodified INTEGER NOT NULL,
    UNIQUE (assignment, userid, attemptnumber));
CREATE TABLE assign_submission (id INTEGER PRIMARY KEY, assignment INTEGER NOT NULL,
    userid INTEGER NOT NULL, attemptnumber INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'new',
    timecreated INTEGER NOT NULL, timemodified INTEGER NOT NULL,
    UNIQUE (assignment, userid, attemptnumber));
"""

TEXT_LIMITS = {
    "user": {
        "username": 100, "idnumber": 255, "firstname": 100, "lastname": 100, "email": 100, "phone1": 20,
        "phone2": 20, "institution": 255, "department": 255, "address": 255, "city": 120, "country": 2,
        "lang": 30, "calendartype": 30, "theme": 50, "timezone": 100, "firstnamephonetic": 255,
        "lastnamephonetic": 255, "middlename": 255, "alternatename": 255,
    },
    "course": {
        "fullname": 1333, "shortname": 255, "idnumber": 100, "format": 21, "lang": 30, "theme": 50,
    },
    "course_categories": {"name": 255, "idnumber": 100},
    "groups": {"name": 254, "idnumber": 100, "enrolmentkey": 50},
    "groupings": {"name": 255, "idnumber": 100},
    "cohort": {"name": 254, "idnumber": 100},
    "grade_items": {"itemname": 1333, "idnumber": 255},
    "grade_categories": {"fullname": 255},
}  # fmt: skip
"""Longest text per column, in characters; longer is a database error, as on a real Moodle."""

TEXT_LIMITS_OF_4_5 = {"course": {"fullname": 254}, "grade_items": {"itemname": 255}}
