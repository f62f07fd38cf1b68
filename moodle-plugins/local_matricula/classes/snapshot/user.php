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

namespace local_matricula\snapshot;

/**
 * Users, without deleted ones and the guest.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class user extends kind {
    /** Columns that hold numbers. */
    private const NUMBERS = ['id', 'suspended', 'confirmed', 'mailformat', 'maildisplay', 'descriptionformat', 'lastaccess',
        'timemodified'];

    /** Columns that hold texts. What a release of Moodle has not is left out. */
    private const TEXTS = ['username', 'email', 'idnumber', 'firstname', 'lastname', 'auth', 'middlename', 'alternatename',
        'firstnamephonetic', 'lastnamephonetic', 'phone1', 'phone2', 'institution', 'department', 'address', 'city', 'country',
        'lang', 'timezone', 'theme', 'calendartype', 'description', 'url'];

    /**
     * The columns there are.
     *
     * @return array
     */
    protected function columns(): array {
        global $DB;

        $there = $DB->get_columns('user');
        $columns = [];
        foreach (array_merge(self::NUMBERS, self::TEXTS) as $name) {
            if (isset($there[$name])) {
                $columns[$name] = ["u.{$name}", in_array($name, self::NUMBERS) ? self::NUMBER : self::TEXT];
            }
        }
        return $columns;
    }

    /**
     * Tables and conditions.
     *
     * @return string
     */
    protected function tables(): string {
        global $CFG;

        return '{user} u WHERE u.deleted = 0 AND u.id <> ' . (int)$CFG->siteguest;
    }

    /**
     * What rows can be filtered by. Some databases compare without case; callers look again.
     *
     * @return array
     */
    protected function filters(): array {
        return [
            'username' => ['u.username', self::TEXT],
            'email' => ['u.email', self::FOLDED],
            'idnumber' => ['u.idnumber', self::TEXT],
        ] + parent::filters();
    }

    /**
     * Columns that some releases of Moodle have, and this one perhaps not.
     *
     * @return string[]
     */
    protected function elsewhere(): array {
        return self::TEXTS;
    }

    /**
     * Custom profile fields and interests.
     *
     * @return array
     */
    protected function computed(): array {
        return profile_fields::all() + ['interests' => null];
    }

    /**
     * Read custom profile fields and interests.
     *
     * @param array $wanted
     * @param int[] $ids
     * @return array
     */
    protected function compute(array $wanted, array $ids): array {
        $fields = array_filter($wanted);
        $columns = $fields ? profile_fields::values($fields, $ids) : [];
        if (array_key_exists('interests', $wanted)) {
            $columns['interests'] = self::interests($ids);
        }
        return $columns;
    }

    /**
     * The tags that users gave themselves, as user_get_user_details() joins them.
     *
     * @param int[] $ids
     * @return string[]
     */
    private static function interests(array $ids): array {
        global $DB;

        $names = array_fill_keys($ids, []);
        $tags = $DB->get_recordset_sql(
            "SELECT ti.id, ti.itemid, tg.rawname
               FROM {tag_instance} ti
               JOIN {tag} tg ON tg.id = ti.tagid
              WHERE ti.itemtype = 'user' AND ti.component = 'core' AND ti.itemid BETWEEN :first AND :last
           ORDER BY ti.itemid, ti.ordering, ti.id",
            ['first' => $ids[0], 'last' => end($ids)]
        );
        foreach ($tags as $tag) {
            if (isset($names[$tag->itemid])) {
                $names[$tag->itemid][] = $tag->rawname;
            }
        }
        $tags->close();
        return array_map(function (array $some) {
            return implode(', ', $some);
        }, array_values($names));
    }
}
