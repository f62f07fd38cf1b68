<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

namespace local_matricula;

use local_matricula\external\copy_courses;
use local_matricula\external\delete_cohort_syncs;
use local_matricula\external\delete_links;
use local_matricula\external\save_cohort_syncs;
use local_matricula\external\save_links;
use local_matricula\external\silence;

/**
 * Copies, links, cohort enrolment, welcome messages.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class courses_test extends \advanced_testcase {
    /**
     * Begin as an administrator.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        set_config('enrol_plugins_enabled', 'manual,meta,cohort');
    }

    /**
     * Outcomes of a call.
     *
     * @param string $class
     * @param array $rows
     * @return array
     */
    private static function outcomes(string $class, array $rows): array {
        return json_decode($class::execute(json_encode($rows))['outcomes'], true);
    }

    /**
     * A copy has the contents and not the people.
     *
     * @covers \local_matricula\courses\copying
     */
    public function test_copies(): void {
        global $DB;

        $generator = $this->getDataGenerator();
        $template = $generator->create_course(['shortname' => 'T', 'idnumber' => 'T1']);
        $generator->create_module('page', ['course' => $template->id]);
        $generator->create_and_enrol($template);
        $row = ['templateid' => $template->id, 'categoryid' => $template->category, 'fullname' => 'Copy'];
        $outcomes = self::outcomes(copy_courses::class, [$row + ['shortname' => 'C', 'visible' => 0], $row + ['shortname' => 'T']]);
        $this->assertSame('taken', $outcomes[1]['code']);
        $copy = get_course($outcomes[0]['id']);
        $this->assertEquals(['C', '', 0], [$copy->shortname, $copy->idnumber, $copy->visible]);
        $this->assertSame(1, $DB->count_records('page', ['course' => $copy->id]));
        $this->assertSame([], get_enrolled_users(\context_course::instance($copy->id)));
    }

    /**
     * A link and a cohort enrol, and cease to.
     *
     * @covers \local_matricula\courses\links
     * @covers \local_matricula\courses\cohort_syncs
     */
    public function test_links_and_cohorts(): void {
        $generator = $this->getDataGenerator();
        [$course, $linked, $cohort] = [$generator->create_course(), $generator->create_course(), $generator->create_cohort()];
        $generator->create_and_enrol($linked);
        cohort_add_member($cohort->id, $generator->create_user()->id);
        $context = \context_course::instance($course->id);
        $link = ['courseid' => $course->id, 'linkedid' => $linked->id];
        $sync = ['courseid' => $course->id, 'cohortid' => $cohort->id, 'roleid' => 5, 'groupid' => 0];
        $made = self::outcomes(save_links::class, [$link, $link]);
        $this->assertSame($made[0], $made[1]);
        self::outcomes(save_cohort_syncs::class, [$sync]);
        $this->assertCount(2, get_enrolled_users($context));
        $this->assertSame($made[0], self::outcomes(delete_links::class, [$link])[0]);
        self::outcomes(delete_cohort_syncs::class, [$sync]);
        $this->assertCount(0, get_enrolled_users($context));
    }

    /**
     * Welcome messages are turned off.
     *
     * @covers \local_matricula\courses\silencing
     */
    public function test_silence(): void {
        global $DB;

        $course = $this->getDataGenerator()->create_course();
        $key = ['courseid' => $course->id, 'enrol' => 'manual'];
        $DB->set_field('enrol', 'customint1', 1, $key);
        $outcomes = json_decode(silence::execute(json_encode([$course->id, 999999]))['outcomes'], true);
        $this->assertEquals($DB->get_field('enrol', 'id', $key), $outcomes[0]['id']);
        $this->assertSame('nocourse', $outcomes[1]['code']);
        $this->assertEquals(0, $DB->get_field('enrol', 'customint1', $key));
    }
}
