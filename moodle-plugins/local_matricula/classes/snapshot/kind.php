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
 * One kind of record that a snapshot can be taken of: its columns, where they are read, and by what it can be filtered.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class kind {
    /** A whole number. */
    protected const NUMBER = 'number';

    /** A text; nothing is the empty text. */
    protected const TEXT = 'text';

    /** A text to filter by that is compared without case. */
    protected const FOLDED = 'folded';

    /**
     * The columns there are.
     *
     * @return array name => [SQL, NUMBER or TEXT]; `id` is the key
     */
    abstract protected function columns(): array;

    /**
     * Tables and conditions.
     *
     * @return string SQL from the first table's name up to the end of a WHERE
     */
    abstract protected function tables(): string;

    /**
     * What rows can be filtered by.
     *
     * @return array name => [SQL, NUMBER or TEXT or FOLDED]
     */
    protected function filters(): array {
        return ['id' => [$this->columns()['id'][0], self::NUMBER]];
    }

    /**
     * Columns that are not read by the query itself.
     *
     * @return array name => whatever {@see self::compute()} needs to know
     */
    protected function computed(): array {
        return [];
    }

    /**
     * Read columns for the rows of a page.
     *
     * @param array $wanted some of {@see self::computed()}, never none
     * @param int[] $ids of the rows, in their order, never none
     * @return array column name => list of values, as long as the ids
     */
    protected function compute(array $wanted, array $ids): array {
        return [];
    }

    /**
     * Columns that some releases of Moodle have, and this one perhaps not.
     *
     * @return string[]
     */
    protected function elsewhere(): array {
        return [];
    }

    /**
     * Read some rows in the order of their ids.
     *
     * @param string[] $fields names of columns, all if empty
     * @param array $filter name => values
     * @param int $after id of the last row had
     * @param int $limit
     * @return page
     * @throws \invalid_parameter_exception
     */
    public function page(array $fields, array $filter, int $after, int $limit): page {
        [$columns, $computed] = [$this->columns(), $this->computed()];
        $unknown = array_diff($fields, array_keys($columns + $computed), $this->elsewhere());
        if ($unknown) {
            throw new \invalid_parameter_exception('this kind has no column ' . implode(', ', $unknown));
        }
        $computed = $this->wanted($computed, $fields);
        [$where, $params] = $this->where($filter, $after);
        $page = $this->read($this->wanted($columns, $fields), $where, $params, $limit);
        if ($computed) {
            $page->columns += $page->count
                ? $this->compute($computed, $page->columns['id'])
                : array_fill_keys(array_keys($computed), []);
        }
        return $page;
    }

    /**
     * Run the query of a page.
     *
     * @param array $columns
     * @param string $where
     * @param array $params
     * @param int $limit
     * @return page
     */
    protected function read(array $columns, string $where, array $params, int $limit): page {
        global $DB;

        $key = $columns['id'][0];
        $sql = 'SELECT ' . self::select_list($columns) . ' FROM ' . $this->tables() . " AND {$where} ORDER BY {$key}";
        $page = new page(array_keys($columns));
        // One row more than asked for tells whether there are more.
        $records = $DB->get_recordset_sql($sql, $params, 0, $limit + 1);
        foreach ($records as $record) {
            if ($page->count === $limit) {
                $page->next = end($page->columns['id']);
                break;
            }
            $page->count++;
            foreach ($columns as $name => [, $type]) {
                $page->columns[$name][] = self::value($record->$name, $type);
            }
        }
        $records->close();
        return $page;
    }

    /**
     * A value as it is handed over.
     *
     * @param mixed $value
     * @param string $type
     * @return int|string
     */
    protected static function value($value, string $type) {
        return $type === self::NUMBER ? (int)$value : (string)$value;
    }

    /**
     * What stands after SELECT.
     *
     * @param array $columns
     * @return string
     */
    protected static function select_list(array $columns): string {
        $parts = [];
        foreach ($columns as $name => [$sql]) {
            $parts[] = "{$sql} AS {$name}";
        }
        return implode(', ', $parts);
    }

    /**
     * Columns that were asked for, and the key.
     *
     * @param array $columns
     * @param string[] $fields
     * @return array
     */
    private function wanted(array $columns, array $fields): array {
        return $fields ? array_intersect_key($columns, array_flip($fields) + ['id' => 0]) : $columns;
    }

    /**
     * What stands after WHERE.
     *
     * @param array $filter
     * @param int $after
     * @return array SQL and its parameters
     * @throws \invalid_parameter_exception
     */
    private function where(array $filter, int $after): array {
        $parts = [$this->columns()['id'][0] . ' > :after'];
        $params = ['after' => $after];
        foreach ($filter as $name => $values) {
            if (!isset($this->filters()[$name]) || !is_array($values)) {
                throw new \invalid_parameter_exception('this kind has no filter ' . $name);
            }
            [$sql, $type] = $this->filters()[$name];
            if ($type === self::FOLDED) {
                [$sql, $values] = ["LOWER({$sql})", array_map('core_text::strtolower', $values)];
            }
            [$part, $more] = $type === self::NUMBER ? self::numbers_in($values) : self::texts_in($values, "f{$name}");
            $parts[] = $sql . $part;
            $params += $more;
        }
        return [implode(' AND ', $parts), $params];
    }

    /**
     * A list of numbers. They stand in the SQL itself: databases take few parameters.
     *
     * @param array $values
     * @return array
     */
    private static function numbers_in(array $values): array {
        return [' IN (' . (implode(',', array_map('intval', $values)) ?: '-1') . ')', []];
    }

    /**
     * A list of texts.
     *
     * @param array $values
     * @param string $prefix of the parameters
     * @return array
     * @throws \invalid_parameter_exception
     */
    private static function texts_in(array $values, string $prefix): array {
        global $DB;

        if (count($values) > 10000) {
            throw new \invalid_parameter_exception('a filter takes 10000 texts at most');
        }
        if (!$values) {
            return [' IS NULL AND 1 = 0', []];
        }
        [$sql, $params] = $DB->get_in_or_equal(array_map('strval', array_values($values)), SQL_PARAMS_NAMED, $prefix);
        return [' ' . $sql, $params];
    }
}
