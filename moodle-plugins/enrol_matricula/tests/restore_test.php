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

namespace enrol_matricula;

/**
 * Backups keep what the method knows.
 *
 * @package    enrol_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class restore_test extends \advanced_testcase {
    /**
     * A restored course has the enrolments, with status, dates and roles.
     *
     * @covers \enrol_matricula_plugin
     */
    public function test_restore(): void {
        global $CFG, $DB, $USER;
        require_once($CFG->dirroot . '/backup/util/includes/backup_includes.php');
        require_once($CFG->dirroot . '/backup/util/includes/restore_includes.php');

        $this->resetAfterTest();
        $this->setAdminUser();
        set_config('enrol_plugins_enabled', 'manual,matricula');
        $generator = $this->getDataGenerator();
        [$course, $user] = [$generator->create_course(), $generator->create_user()];
        $plugin = enrol_get_plugin('matricula');
        $instance = $plugin->instance_of($course->id);
        $plugin->enrol_user($instance, $user->id, 5, 100, 200, ENROL_USER_SUSPENDED);
        $mode = \backup::MODE_GENERAL;
        $backup = new \backup_controller(\backup::TYPE_1COURSE, $course->id, \backup::FORMAT_MOODLE, \backup::INTERACTIVE_NO, $mode, $USER->id);
        $backup->execute_plan();
        $folder = make_backup_temp_directory('matriculatest');
        $backup->get_results()['backup_destination']->extract_to_pathname(get_file_packer('application/vnd.moodle.backup'), $folder);
        $backup->destroy();
        $newid = \restore_dbops::create_new_course('New', 'NEW', $course->category);
        $target = \backup::TARGET_NEW_COURSE;
        $restore = new \restore_controller('matriculatest', $newid, \backup::INTERACTIVE_NO, $mode, $USER->id, $target);
        $restore->get_plan()->get_setting('enrolments')->set_value(\backup::ENROL_ALWAYS);
        $this->assertTrue($restore->execute_precheck());
        $restore->execute_plan();
        $restore->destroy();
        $new = $DB->get_record('enrol', ['courseid' => $newid, 'enrol' => 'matricula'], '*', MUST_EXIST);
        $found = $DB->get_record('user_enrolments', ['enrolid' => $new->id, 'userid' => $user->id], '*', MUST_EXIST);
        $this->assertEquals([ENROL_USER_SUSPENDED, 100, 200], [$found->status, $found->timestart, $found->timeend]);
        $this->assertTrue($DB->record_exists('role_assignments', ['component' => 'enrol_matricula', 'itemid' => $new->id]));
    }

    /**
     * There is one instance in a course, and none is made in the user interface.
     *
     * @covers \enrol_matricula_plugin
     */
    public function test_one_instance(): void {
        $this->resetAfterTest();
        $course = $this->getDataGenerator()->create_course();
        $plugin = enrol_get_plugin('matricula');
        $instance = $plugin->instance_of($course->id);
        $this->assertEquals($instance, $plugin->instance_of($course->id));
        $this->assertNull($plugin->add_instance($course));
        $this->assertFalse($plugin->can_add_instance($course->id));
    }
}
