"""New states are made by the migrations once in each process of tests, and by the same statements after that.

Running the migrations takes ten times as long as the statements that they come to, and thousands of tests need a new
state. Tests of the migrations themselves always run them.
"""

from collections import defaultdict

from sqlalchemy import event, inspect

from matricula.store import migrating

_statements = defaultdict(list)
_real = migrating._upgrade


def upgrade(connection):
    """As `migrating._upgrade`."""
    known = _statements[connection.dialect.name]
    new = not inspect(connection).get_table_names()
    if not new or not known:
        _run(connection, known if new else [])
        return
    for statement, parameters in known:
        connection.exec_driver_sql(statement, parameters or None)


def _run(connection, noted):
    def note(_connection, _cursor, statement, parameters, *_):
        if statement.split()[0].upper() not in ("SELECT", "PRAGMA"):
            noted.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        _real(connection)
    finally:
        event.remove(connection, "before_cursor_execute", note)
