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

/**
 * One row of a call, read with care.
 *
 * @package    local_matricula
 * @copyright  2026 the Matricula project
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class row {
    /** @var array */
    private $values;

    /**
     * Read a row.
     *
     * @param mixed $values what stood in the list
     * @throws refusal where it is no row
     */
    public function __construct($values) {
        if (!is_array($values)) {
            throw new refusal('failed', 'This is no row: a JSON object is needed.');
        }
        $this->values = $values;
    }

    /**
     * A whole number.
     *
     * @param string $name
     * @param int|null $default for a row without it; none means it is needed
     * @return int
     * @throws refusal
     */
    public function number(string $name, ?int $default = null): int {
        $value = $this->values[$name] ?? $default;
        if (is_int($value) || is_bool($value) || (is_string($value) && preg_match('/^-?\d{1,18}$/', $value))) {
            return (int)$value;
        }
        throw new refusal('failed', "“{$name}” must be a whole number.");
    }

    /**
     * An id that may be left out.
     *
     * @param string $name
     * @return int 0 for none
     * @throws refusal
     */
    public function id(string $name): int {
        return $this->number($name, 0);
    }

    /**
     * A decimal number that may be left out.
     *
     * @param string $name
     * @return float|null
     * @throws refusal
     */
    public function decimal(string $name): ?float {
        $value = $this->values[$name] ?? null;
        if ($value !== null && !is_int($value) && !is_float($value) && !(is_string($value) && is_numeric($value))) {
            throw new refusal('failed', "“{$name}” must be a number.");
        }
        return $value === null ? null : (float)$value;
    }

    /**
     * A yes or no.
     *
     * @param string $name
     * @param bool $default
     * @return bool
     * @throws refusal
     */
    public function flag(string $name, bool $default = false): bool {
        return (bool)$this->number($name, (int)$default);
    }

    /**
     * A text.
     *
     * @param string $name
     * @param string $default for a row without it
     * @return string
     * @throws refusal
     */
    public function text(string $name, string $default = ''): string {
        $value = $this->values[$name] ?? $default;
        if (!is_string($value) && !is_int($value) && !is_float($value)) {
            throw new refusal('failed', "“{$name}” must be a text.");
        }
        return (string)$value;
    }

    /**
     * Texts by name.
     *
     * @param string $name
     * @return array name => text
     * @throws refusal
     */
    public function texts(string $name): array {
        $values = $this->values[$name] ?? [];
        if (!is_array($values)) {
            throw new refusal('failed', "“{$name}” must be an object of texts.");
        }
        $inner = new self($values);
        return array_combine(array_keys($values), array_map([$inner, 'text'], array_map('strval', array_keys($values))));
    }

    /**
     * Whether the row says anything of this, null being nothing.
     *
     * @param string $name
     * @return bool
     */
    public function has(string $name): bool {
        return isset($this->values[$name]);
    }
}
