"""Matricula: the hub between a school information system and its Moodle."""
