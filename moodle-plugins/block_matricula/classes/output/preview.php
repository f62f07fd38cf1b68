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

namespace block_matricula\output;

/**
 * What would be done to a course, by name, and the way on.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class preview implements \renderable, \templatable {
    /** @var int The course. */
    private $courseid;

    /** @var string Enrolments or grades. */
    private $what;

    /** @var int The job that worked it out. */
    private $job;

    /** @var array What Matricula would do. */
    private $told;

    /**
     * Make one.
     *
     * @param int $courseid the course
     * @param string $what enrolments or grades
     * @param int $job the job that worked it out
     * @param array $told what Matricula would do
     */
    public function __construct(int $courseid, string $what, int $job, array $told) {
        $this->courseid = $courseid;
        $this->what = $what;
        $this->job = $job;
        $this->told = $told;
    }

    /**
     * For the template.
     *
     * @param \renderer_base $output the renderer
     * @return array
     */
    public function export_for_template(\renderer_base $output): array {
        $told = $this->told;
        $groups = [];
        foreach ($told['lines'] ?? [] as $line) {
            $groups[$line['action']][] = ['name' => $line['name'], 'what' => $line['what']];
        }
        $held = array_values($told['held'] ?? []);
        $obstacle = $told['obstacle'] ?? '';
        $open = in_array($told['state'] ?? '', ['ready', 'released', 'open', 'applying'], true);
        return [
            'groups' => array_map([self::class, 'group'], array_keys($groups), $groups),
            'nothing' => !$groups,
            'more' => (int) ($told['more'] ?? 0),
            'left' => array_values($told['left'] ?? []),
            'hasleft' => !empty($told['left']),
            'isheld' => (bool) $held,
            'held' => $held,
            'obstacle' => $obstacle,
            'over' => $groups && !$held && !$open,
            'may' => $groups && !$held && $open && $obstacle === '',
            'agree' => $told['agree'] ?? '',
            'url' => (new \moodle_url('/blocks/matricula/synchronise.php'))->out(false),
            'back' => (new \moodle_url('/course/view.php', ['id' => $this->courseid]))->out(false),
            'courseid' => $this->courseid,
            'sesskey' => sesskey(),
            'what' => $this->what,
            'job' => $this->job,
            'plan' => (int) ($told['plan'] ?? 0),
            'preview' => (int) ($told['preview'] ?? 0),
        ];
    }

    /**
     * Lines of one kind.
     *
     * @param string $action what is done
     * @param array $lines by name
     * @return array
     */
    private static function group(string $action, array $lines): array {
        $known = get_string_manager()->string_exists('action:' . $action, 'block_matricula') ? $action : 'other';
        return [
            'title' => get_string('action:' . $known, 'block_matricula'),
            'takes' => in_array($action, ['suspend', 'remove'], true),
            'number' => count($lines),
            'lines' => $lines,
        ];
    }
}
