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

use local_matricula\external\get_snapshot;
use local_matricula\external\get_stamps;

/**
 * Snapshots and stamps.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class snapshot_test extends \advanced_testcase {
    /**
     * Begin as an administrator.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
    }

    /**
     * Rows of a kind.
     *
     * @param string $kind
     * @param array $filter
     * @return array column name => values
     */
    private static function columns(string $kind, array $filter = []): array {
        $answer = get_snapshot::execute($kind, '', $filter ? json_encode($filter) : '');
        return json_decode($answer['columns'], true);
    }

    /**
     * Texts are raw, deleted users and the guest are left out.
     *
     * @covers \local_matricula\snapshot\user
     */
    public function test_users(): void {
        $generator = $this->getDataGenerator();
        $generator->create_custom_profile_field(['shortname' => 'house', 'name' => 'House', 'datatype' => 'text',
            'defaultdata' => 'none']);
        $user = $generator->create_user(['lastname' => 'Q & A', 'email' => 'Ada@Example.org', 'profile_field_house' => 'North']);
        $other = $generator->create_user();
        delete_user($generator->create_user());
        $columns = self::columns('user', ['email' => ['ada@example.ORG']]);
        $this->assertSame([(int)$user->id], $columns['id']);
        $this->assertSame(['Q & A'], $columns['lastname']);
        $this->assertSame(['North'], $columns['profile_field_house']);
        $all = self::columns('user');
        $this->assertSame([(int)get_admin()->id, (int)$user->id, (int)$other->id], $all['id']);
        $this->assertSame(['none', 'North', 'none'], $all['profile_field_house']);
    }

    /**
     * A row for each enrolment, with the roles of the user in the course.
     *
     * @covers \local_matricula\snapshot\enrolment
     */
    public function test_enrolments(): void {
        $generator = $this->getDataGenerator();
        [$course, $user] = [$generator->create_course(), $generator->create_user()];
        $generator->enrol_user($user->id, $course->id, 'student', 'manual', 100, 200, ENROL_USER_SUSPENDED);
        $generator->enrol_user($user->id, $course->id, 'editingteacher', 'manual', 100, 200, ENROL_USER_SUSPENDED);
        $columns = self::columns('enrolment', ['courseid' => [$course->id]]);
        $this->assertSame([(int)$user->id], $columns['userid']);
        $this->assertSame(['manual', 1, 1, 100, 200, '3,5'], [
            $columns['method'][0], $columns['status'][0], $columns['enabled'][0], $columns['timestart'][0],
            $columns['timeend'][0], $columns['roles'][0],
        ]);
    }

    /**
     * Pages join to the whole.
     *
     * @covers \local_matricula\snapshot\kind
     */
    public function test_pages(): void {
        for ($i = 0; $i < 5; $i++) {
            $this->getDataGenerator()->create_course();
        }
        [$after, $ids] = [0, []];
        do {
            $page = get_snapshot::execute('course', '["id"]', '', $after, 2);
            $ids = array_merge($ids, json_decode($page['columns'], true)['id']);
            $after = $page['next'];
        } while ($after);
        $this->assertSame(self::columns('course')['id'], $ids);
        $this->assertCount(5, $ids);
    }

    /**
     * What is asked wrongly is refused.
     *
     * @covers \local_matricula\snapshot\kind
     */
    public function test_unknown_column(): void {
        $this->expectException(\invalid_parameter_exception::class);
        get_snapshot::execute('user', '["password"]');
    }

    /**
     * Nobody reads without the capability.
     *
     * @covers \local_matricula\external\call
     */
    public function test_capability(): void {
        $this->setUser($this->getDataGenerator()->create_user());
        $this->expectException(\required_capability_exception::class);
        get_stamps::execute();
    }

    /**
     * A stamp changes with its own kind.
     *
     * @covers \local_matricula\stamps
     */
    public function test_stamps(): void {
        $before = stamps::all();
        $cohort = $this->getDataGenerator()->create_cohort();
        cohort_add_member($cohort->id, $this->getDataGenerator()->create_user()->id);
        $after = stamps::all();
        $this->assertNotSame($before['cohort'], $after['cohort']);
        $this->assertNotSame($before['cohort-member'], $after['cohort-member']);
        $this->assertSame($before['group'], $after['group']);
    }
}
