"""Migrations of the state database, one file for each change of its tables.

A migration is never edited after a release. A new one: `alembic` reads `env.py`; write the file by hand after the
newest one, raise `HEAD` in `matricula/store/migrating.py`, and let the tests compare the result with `schema.py`.
"""
