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

use local_matricula\external\enrol;
use local_matricula\external\move_enrolments;
use local_matricula\external\take_roles;
use local_matricula\external\unenrol;

/**
 * Enrolling, unenrolling, taking roles, moving.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class enrolment_test extends \advanced_testcase {
    /** @var \stdClass */
    private $course;

    /** @var \stdClass[] */
    private $users = [];

    /**
     * A course and three people.
     */
    protected function setUp(): void {
        global $CFG;

        parent::setUp();
        $this->resetAfterTest();
        // Otherwise the test's own transaction would keep the plugin from one of its own.
        $this->preventResetByRollback();
        $this->setAdminUser();
        if (!enrol_get_plugin('matricula')) {
            $this->markTestSkipped('enrol_matricula is not installed');
        }
        set_config('enrol_plugins_enabled', $CFG->enrol_plugins_enabled . ',matricula');
        $this->course = $this->getDataGenerator()->create_course();
        for ($i = 0; $i < 3; $i++) {
            $this->users[] = $this->getDataGenerator()->create_user();
        }
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
     * A row.
     *
     * @param int $who
     * @param array $more
     * @return array
     */
    private function row(int $who, array $more = []): array {
        return $more + ['courseid' => $this->course->id, 'userid' => $this->users[$who]->id, 'roleid' => 5, 'method' => 'matricula'];
    }

    /**
     * A bad row costs nobody else anything.
     *
     * @covers \local_matricula\enrolment\enrolling
     */
    public function test_enrol(): void {
        global $DB;

        $outcomes = self::outcomes(enrol::class, [
            $this->row(0),
            $this->row(1, ['userid' => 999999]),
            $this->row(1, ['courseid' => 999999]),
            $this->row(1, ['roleid' => 999999]),
            $this->row(1, ['suspended' => true, 'timestart' => 10, 'timeend' => 20]),
            $this->row(0, ['method' => 'manual']),
            'no row',
        ]);
        $codes = array_map(function ($outcome) {
            return $outcome['code'] ?? '';
        }, $outcomes);
        $this->assertSame(['', 'nouser', 'nocourse', 'norole', '', '', 'failed'], $codes);
        $this->assertSame(3, $DB->count_records('user_enrolments'));
        $found = $DB->get_record('user_enrolments', ['id' => $outcomes[4]['id']]);
        $this->assertEquals([ENROL_USER_SUSPENDED, 10, 20], [$found->status, $found->timestart, $found->timeend]);
        $this->assertSame(2, $DB->count_records('role_assignments', ['component' => 'enrol_matricula']));
        $this->assertSame($outcomes[0], self::outcomes(enrol::class, [$this->row(0, ['id' => $outcomes[0]['id']])])[0]);
        $this->assertSame('other', self::outcomes(enrol::class, [$this->row(0, ['id' => $outcomes[4]['id']])])[0]['code']);
    }

    /**
     * What is written together leaves the same rows and tells the same events as Moodle's own enrolling.
     *
     * @covers \enrol_matricula\bulk
     */
    public function test_bulk_is_as_enrol_user(): void {
        global $DB;

        $sink = $this->redirectEvents();
        self::outcomes(enrol::class, [$this->row(0), $this->row(1, ['roleid' => 0])]);
        $together = self::told($sink);
        $plugin = enrol_get_plugin('matricula');
        $instance = $plugin->instance_of($this->course->id);
        $sink->clear();
        $plugin->enrol_user($instance, $this->users[2]->id, 5, 0, 0, ENROL_USER_ACTIVE);
        $alone = self::told($sink);
        $this->assertSame(array_merge($alone, array_slice($alone, 0, 1)), $together);
        $rows = $DB->get_records('user_enrolments', ['enrolid' => $instance->id], 'id');
        $this->assertCount(1, array_unique(array_map(function ($row) {
            unset($row->id, $row->userid, $row->timecreated, $row->timemodified);
            return json_encode($row);
        }, $rows)));
    }

    /**
     * What was told of enrolments and roles.
     *
     * @param \phpunit_event_sink $sink
     * @return array
     */
    private static function told($sink): array {
        $events = array_filter($sink->get_events(), function ($event) {
            return in_array($event->action, ['created', 'assigned']) && $event->target !== 'enrol_instance';
        });
        return array_values(array_map(function ($event) {
            $other = $event->other;
            unset($other['id']);
            return [$event->eventname, $event->courseid, $event->contextid, array_map('strval', $other)];
        }, $events));
    }

    /**
     * Only the enrolment by the method named ends.
     *
     * @covers \local_matricula\enrolment\unenrolling
     */
    public function test_unenrol(): void {
        self::outcomes(enrol::class, [$this->row(0), $this->row(0, ['method' => 'manual'])]);
        $outcomes = self::outcomes(unenrol::class, [$this->row(0), $this->row(1), $this->row(0, ['courseid' => 999999])]);
        $this->assertNotNull($outcomes[0]['id']);
        $this->assertSame([['id' => null], ['id' => null]], array_slice($outcomes, 1));
        $this->assertTrue(is_enrolled(\context_course::instance($this->course->id), $this->users[0]->id));
        self::outcomes(unenrol::class, [$this->row(0, ['method' => 'manual'])]);
        $this->assertFalse(is_enrolled(\context_course::instance($this->course->id), $this->users[0]->id));
    }

    /**
     * Roles by hand and by our own method are taken, those of other components stay.
     *
     * @covers \local_matricula\enrolment\taking_roles
     */
    public function test_take_roles(): void {
        global $DB;

        self::outcomes(enrol::class, [$this->row(0)]);
        $context = \context_course::instance($this->course->id);
        role_assign(5, $this->users[0]->id, $context->id);
        role_assign(5, $this->users[0]->id, $context->id, 'enrol_cohort', 1);
        self::outcomes(take_roles::class, [$this->row(0), $this->row(1)]);
        $this->assertSame(['enrol_cohort'], $DB->get_fieldset_select(
            'role_assignments',
            'component',
            'contextid = ? AND userid = ?',
            [$context->id, $this->users[0]->id]
        ));
    }

    /**
     * A manual enrolment is moved in place.
     *
     * @covers \local_matricula\enrolment\moving
     */
    public function test_move(): void {
        global $DB;

        $this->getDataGenerator()->enrol_user($this->users[0]->id, $this->course->id, 'student', 'manual', 5, 0, ENROL_USER_SUSPENDED);
        $before = $DB->get_record('user_enrolments', []);
        $rows = json_encode([$this->row(0), $this->row(1)]);
        $told = json_decode(move_enrolments::execute($rows, true)['outcomes'], true);
        $this->assertSame(['id' => (int)$before->id, 'from' => 'manual', 'grades' => 0], $told[0]);
        $this->assertSame('notmanual', $told[1]['code']);
        $this->assertEquals($before, $DB->get_record('user_enrolments', []));
        $this->assertSame($told, json_decode(move_enrolments::execute($rows)['outcomes'], true));
        $after = $DB->get_record('user_enrolments', []);
        $this->assertSame([$before->id, $before->status, $before->timestart], [$after->id, $after->status, $after->timestart]);
        $this->assertSame('matricula', $DB->get_field('enrol', 'enrol', ['id' => $after->enrolid]));
        $role = $DB->get_record('role_assignments', ['userid' => $this->users[0]->id]);
        $this->assertSame(['enrol_matricula', $after->enrolid], [$role->component, $role->itemid]);
    }
}
