<?php
// This file is part of Matricula.
//
// Matricula's plugins are free software: you can redistribute them and/or modify
// them under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.

/**
 * Prints as JSON what the web services of a plugin take and answer, without a Moodle: php describe.php PLUGIN-FOLDER
 *
 * A few lines stand in for Moodle's external API. Nothing of the functions themselves is run.
 */

namespace core_external {
    class external_api {
    }

    class external_value {
        public $type;
        public $desc;
        public $required;
        public $default;

        public function __construct($type, $desc = '', $required = VALUE_REQUIRED, $default = null) {
            [$this->type, $this->desc, $this->required, $this->default] = [$type, $desc, $required, $default];
        }

        public function told() {
            return ['type' => $this->type, 'description' => $this->desc, 'required' => $this->required === VALUE_REQUIRED,
                'default' => $this->default];
        }
    }

    class external_multiple_structure {
        public $content;

        public function __construct($content) {
            $this->content = $content;
        }

        public function told() {
            return ['type' => 'list', 'description' => '', 'required' => true, 'default' => null,
                'content' => $this->content->told()];
        }
    }

    class external_single_structure {
        public $keys;

        public function __construct(array $keys) {
            $this->keys = $keys;
        }

        public function told() {
            return array_map(function ($key) {
                return $key->told();
            }, $this->keys);
        }
    }

    class external_function_parameters extends external_single_structure {
    }
}

namespace {
    const MOODLE_INTERNAL = true;
    const VALUE_DEFAULT = 0;
    const VALUE_REQUIRED = 1;
    const VALUE_OPTIONAL = 2;
    foreach (['ALPHANUMEXT', 'BOOL', 'INT', 'RAW', 'TEXT', 'FLOAT', 'LOCALURL', 'URL', 'PLUGIN', 'ALPHA'] as $name) {
        define('PARAM_' . $name, strtolower($name));
    }

    $folder = rtrim($argv[1], '/');
    $component = basename($folder);
    spl_autoload_register(function ($class) use ($folder, $component) {
        if (strpos($class, $component . '\\') === 0) {
            require($folder . '/classes/' . str_replace('\\', '/', substr($class, strlen($component) + 1)) . '.php');
        }
    });
    require($folder . '/db/services.php');
    $told = [];
    foreach ($functions as $name => $function) {
        $class = $function['classname'];
        $method = $function['methodname'];
        $told[$name] = [
            'class' => $class,
            'type' => $function['type'],
            'description' => $function['description'],
            'capabilities' => $function['capabilities'] ?? '',
            'callable' => is_callable([$class, $method]),
            'arguments' => count((new ReflectionMethod($class, $method))->getParameters()),
            'parameters' => (object)$class::{$method . '_parameters'}()->told(),
            'returns' => $class::{$method . '_returns'}()->told(),
        ];
    }
    $offered = array_map(function ($service) {
        return ['shortname' => $service['shortname'], 'functions' => $service['functions']];
    }, $services ?? []);
    echo json_encode(['functions' => $told, 'services' => (object)$offered], JSON_THROW_ON_ERROR);
}
