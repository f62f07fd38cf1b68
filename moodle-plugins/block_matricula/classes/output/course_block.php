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
 * How a course stands, as the block shows it.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class course_block implements \renderable, \templatable {
    /** @var int So many of the missing are shown at once; the others fold out. */
    const SHOWN = 5;

    /** @var int The course. */
    private $courseid;

    /** @var \block_matricula\course_info What is known of it. */
    private $info;

    /** @var bool Whether whoever looks may bring it in step. */
    private $may;

    /**
     * Make one.
     *
     * @param int $courseid the course
     * @param \block_matricula\course_info $info what is known of it
     * @param bool $may whether whoever looks may bring it in step
     */
    public function __construct(int $courseid, \block_matricula\course_info $info, bool $may) {
        $this->courseid = $courseid;
        $this->info = $info;
        $this->may = $may;
    }

    /**
     * For the template.
     *
     * @param \renderer_base $output the renderer
     * @return array
     */
    public function export_for_template(\renderer_base $output): array {
        $told = $this->info->told ?? [];
        $synced = $told['synced'] ?? null;
        $missing = array_map([self::class, 'person'], $told['missing'] ?? []);
        $number = count($missing) + (int) ($told['more'] ?? 0);
        return [
            'error' => $this->info->error,
            'known' => $this->info->told !== null,
            'asof' => self::moment($this->info->asof),
            'kept' => $synced !== null,
            'at' => self::moment($synced['at'] ?? null),
            'source' => $synced['source'] ?? '',
            'profile' => $synced['profile'] ?? '',
            'changedat' => self::moment($synced['changed_at'] ?? null),
            'readat' => self::moment($synced['read_at'] ?? null),
            'waits' => $synced['waits'] ?? '',
            'whynot' => $told['may']['why'] ?? '',
            'nobodymissing' => $synced !== null && !$number,
            'missingnumber' => $number,
            'missing' => array_slice($missing, 0, self::SHOWN),
            'hasfolded' => $number > self::SHOWN,
            'folded' => array_slice($missing, self::SHOWN),
            'foldednumber' => $number - self::SHOWN,
            'unexplained' => (int) ($told['more'] ?? 0),
            'hastools' => !empty($told['tools']),
            'tools' => array_map([self::class, 'tool'], $told['tools'] ?? []),
            'actions' => $this->may ? $this->actions($told) : [],
        ];
    }

    /**
     * Somebody who is missing.
     *
     * @param array $each as Matricula tells it
     * @return array
     */
    private static function person(array $each): array {
        return ['name' => $each['name'] ?? '', 'role' => $each['role'] ?? '', 'why' => $each['why'] ?? ''];
    }

    /**
     * A learning tool.
     *
     * @param array $each as Matricula tells it
     * @return array
     */
    private static function tool(array $each): array {
        $wrong = ($each['state'] ?? 'ok') !== 'ok';
        $message = ($each['message'] ?? '') ?: get_string('toolwrong', 'block_matricula');
        return ['tool' => $each['tool'], 'course' => $each['course'] ?? '', 'wrong' => $wrong ? $message : ''];
    }

    /**
     * The buttons.
     *
     * @param array $told what Matricula said
     * @return array
     */
    private function actions(array $told): array {
        $found = [];
        if (!empty($told['may']['enrolments'])) {
            $found[] = $this->action('enrolments', '', get_string('synchroniseenrolments', 'block_matricula'));
        }
        $tools = $told['may']['grades'] ?? [];
        foreach ($tools as $tool) {
            $words = count($tools) > 1 ? get_string('synchronisegradesof', 'block_matricula', $tool)
                : get_string('synchronisegrades', 'block_matricula');
            $found[] = $this->action('grades', $tool, $words);
        }
        return $found;
    }

    /**
     * A button.
     *
     * @param string $what enrolments or grades
     * @param string $tool the learning tool, of grades
     * @param string $words what it says
     * @return array
     */
    private function action(string $what, string $tool, string $words): array {
        return [
            'url' => (new \moodle_url('/blocks/matricula/synchronise.php'))->out(false),
            'courseid' => $this->courseid,
            'sesskey' => sesskey(),
            'what' => $what,
            'tool' => $tool,
            'words' => $words,
        ];
    }

    /**
     * A moment in words.
     *
     * @param int|null $at seconds since 1970
     * @return string empty where there is none
     */
    private static function moment($at): string {
        return $at ? userdate((int) $at, get_string('strftimedatetimeshort', 'langconfig')) : '';
    }
}
