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
 * How a job stands, or what came of it.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class job_state implements \renderable, \templatable {
    /** @var int The course. */
    private $courseid;

    /** @var \moodle_url Where it is looked at again. */
    private $again;

    /** @var array What Matricula tells of it. */
    private $told;

    /**
     * Make one.
     *
     * @param int $courseid the course
     * @param \moodle_url $again where it is looked at again
     * @param array $told what Matricula tells of it
     */
    public function __construct(int $courseid, \moodle_url $again, array $told) {
        $this->courseid = $courseid;
        $this->again = $again;
        $this->told = $told;
    }

    /**
     * Whether it is to be looked at again.
     *
     * @param array $told what Matricula tells of a job
     * @return bool
     */
    public static function under_way(array $told): bool {
        return in_array($told['state'] ?? '', ['waiting', 'working'], true);
    }

    /**
     * For the template.
     *
     * @param \renderer_base $output the renderer
     * @return array
     */
    public function export_for_template(\renderer_base $output): array {
        $state = $this->told['state'] ?? '';
        $total = (int) ($this->told['total'] ?? 0);
        $done = (int) ($this->told['done'] ?? 0);
        $left = $this->told['outcome']['left'] ?? [];
        return [
            'underway' => self::under_way($this->told),
            'done' => $state === 'done' && !$left,
            'partly' => $state === 'done' && $left,
            'failed' => in_array($state, ['failed', 'cancelled'], true),
            'words' => $this->told['words'] ?? '',
            'hastotal' => $total > 0,
            'total' => $total,
            'sofar' => $done,
            'left' => array_values($left),
            'hasleft' => !empty($left),
            'again' => $this->again->out(false),
            'back' => (new \moodle_url('/course/view.php', ['id' => $this->courseid]))->out(false),
        ];
    }
}
