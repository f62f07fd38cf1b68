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

namespace block_matricula;

/**
 * What Matricula says of a course, asked at most every five minutes, so that the course page does not wait for it.
 *
 * @package    block_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class course_info {
    /** @var int So many seconds an answer is shown as it is. */
    const FRESH = 300;

    /** @var int So many seconds after Matricula was out of reach nobody waits for it again, in no course. */
    const PAUSE = 60;

    /** @var string Under this key of the cache stands when it was last out of reach, and why. */
    const FAILED = 'failed';

    /** @var int When it was said; 0 where nothing is known. */
    public $asof = 0;

    /** @var array|null What was said; null where nothing is known. */
    public $told = null;

    /** @var string Why it could not be asked now, in words; empty where it could, or needed not. */
    public $error = '';

    /**
     * What is known of a course.
     *
     * @param int $courseid the course
     * @param client|null $client who asks
     * @return self
     */
    public static function of(int $courseid, ?client $client = null): self {
        $cache = \cache::make('block_matricula', 'courses');
        $client = $client ?? new client();
        $info = new self();
        $kept = $cache->get((string) $courseid);
        if (is_string($kept)) {
            $kept = json_decode($kept, true);
            $info->asof = (int) $kept['asof'];
            $info->told = $kept['told'];
        }
        if ($info->told !== null && $info->asof > time() - self::FRESH) {
            return $info;
        }
        $failed = $cache->get(self::FAILED);
        if (is_string($failed)) {
            $failed = json_decode($failed, true);
            if ($failed['at'] > time() - self::PAUSE && $client->is_set()) {
                $info->error = $failed['words'];
                return $info;
            }
        }
        try {
            $info->told = $client->ask('course', ['courseid' => $courseid]);
            $info->asof = time();
            $cache->set((string) $courseid, json_encode(['asof' => $info->asof, 'told' => $info->told]));
            $cache->delete(self::FAILED);
        } catch (refusal $error) {
            $info->error = $error->words();
            $cache->set(self::FAILED, json_encode(['at' => time(), 'words' => $info->error]));
        }
        return $info;
    }

    /**
     * Ask anew next time: something was done to the course.
     *
     * @param int $courseid the course
     */
    public static function forget(int $courseid): void {
        $cache = \cache::make('block_matricula', 'courses');
        $cache->delete((string) $courseid);
        $cache->delete(self::FAILED);
    }
}
