"""Databases that no test can reach: what is said to SQL Server and Oracle, and what their refusals are taken for."""

import sys
from types import SimpleNamespace

import pytest
from sqlalchemy.dialects import mssql, oracle

from matricula.errors import SettingError
from matricula.sources import Surroundings, open_source
from matricula.sources.sql.dialects import DIALECTS
from matricula.sources.sql.queries import Query
from matricula.sources.sql.troubles import Trouble, trouble_of

URLS = {
    "mssql": "mssql://reader@db.school.example/isams",
    "oracle": "oracle://reader@db.school.example/?service_name=sis",
}
EXTRAS = {"mssql": "matricula[mssql]", "oracle": "matricula[oracle]"}
MODULES = {"mssql": "mssql_python", "oracle": "oracledb"}


class Recorder:
    """A connection that carries nothing out and remembers what it was told."""

    def __init__(self, answer: object) -> None:
        self.told: list[str] = []
        self.driver = SimpleNamespace()
        self.connection = SimpleNamespace(dbapi_connection=self.driver)
        self._answer = answer

    def exec_driver_sql(self, statement: str) -> SimpleNamespace:
        self.told.append(statement)
        return SimpleNamespace(scalar=lambda: self._answer)

    def rollback(self) -> None:
        self.told.append("ROLLBACK")


def test_sql_server_is_read_in_a_snapshot_where_it_allows_one():
    connection = Recorder(1)
    begun = DIALECTS["mssql"].begin(connection, 60, ())
    assert connection.told[1:] == ["ROLLBACK", "SET LOCK_TIMEOUT 60000", "SET TRANSACTION ISOLATION LEVEL SNAPSHOT"]
    assert (begun.snapshot, begun.notes, connection.driver.timeout) == (True, (), 60)


@pytest.mark.parametrize("state", [0, 2, 3, None])
def test_sql_server_without_snapshots_is_said_and_never_waited_for_long(state):
    connection = Recorder(state)
    begun = DIALECTS["mssql"].begin(connection, 60, ())
    assert connection.told[-2:] == ["SET LOCK_TIMEOUT 60000", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"]
    assert not begun.snapshot
    assert "ALLOW_SNAPSHOT_ISOLATION" in begun.notes[0]


def test_oracle_is_read_in_a_read_only_transaction():
    connection = Recorder(None)
    assert DIALECTS["oracle"].begin(connection, 60, ()).snapshot
    assert connection.told == ["SET TRANSACTION READ ONLY"]
    assert connection.driver.call_timeout == 60_000


@pytest.mark.parametrize(("dialect", "mark"), [(mssql.dialect(), ":year"), (oracle.dialect(), ":year")])
def test_parameters_stay_parameters(dialect, mark):
    statement = Query("users", "SELECT id AS sourcedId FROM pupils WHERE intake = :year").statement({"year": 2026})
    compiled = statement.compile(dialect=dialect)
    assert str(compiled).endswith(f"WHERE intake = {mark}")
    assert compiled.params == {"year": 2026}


@pytest.mark.parametrize("name", URLS)
def test_a_driver_that_is_not_installed_is_named_with_the_command_that_installs_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, MODULES[name], None)
    source = open_source(
        {"type": "sql", "url": URLS[name], "queries": {"users": "v_users"}}, Surroundings(secret=lambda _: "geheim")
    )
    with pytest.raises(SettingError) as error:
        source.deliver()
    assert f"pip install '{EXTRAS[name]}'" in error.value.remedy
    assert "geheim" not in str(error.value)


class OracleError(Exception):
    """As python-oracledb raises: its one argument knows the code."""

    def __init__(self, code: str) -> None:
        super().__init__(SimpleNamespace(full_code=code))


@pytest.mark.parametrize(
    ("error", "dialect", "trouble"),
    [
        (OracleError("ORA-01017"), "oracle", Trouble.LOGIN),
        (OracleError("ORA-00942"), "oracle", Trouble.TABLE),
        (OracleError("ORA-00904"), "oracle", Trouble.COLUMN),
        (OracleError("ORA-00933"), "oracle", Trouble.SYNTAX),
        (OracleError("ORA-01456"), "oracle", Trouble.WRITES),
        (OracleError("ORA-01031"), "oracle", Trouble.DENIED),
        (OracleError("DPY-4024"), "oracle", Trouble.TIME),
        (OracleError("DPY-6005"), "oracle", Trouble.UNREACHABLE),
        (OracleError("DPY-6001"), "oracle", Trouble.DATABASE),
        (Exception("[SQL Server]Login failed for user 'reader'."), "mssql", Trouble.LOGIN),
        (Exception("[SQL Server]Cannot open database \"x\" requested by the login."), "mssql", Trouble.DATABASE),
        (Exception("[SQL Server]Invalid object name 'pupils'."), "mssql", Trouble.TABLE),
        (Exception("[SQL Server]Invalid column name 'mail'."), "mssql", Trouble.COLUMN),
        (Exception("[SQL Server]The SELECT permission was denied on the object 'x'."), "mssql", Trouble.DENIED),
        (Exception("[SQL Server]Incorrect syntax near 'FORM'."), "mssql", Trouble.SYNTAX),
        (Exception("[SQL Server]Lock request time out period exceeded."), "mssql", Trouble.BUSY),
        (Exception("Query timeout expired"), "mssql", Trouble.TIME),
        (Exception("Client unable to establish connection; TCP Provider"), "mssql", Trouble.UNREACHABLE),
        (Exception("SSL Provider: certificate verify failed:self-signed certificate"), "mssql", Trouble.TLS),
        (Exception("Communication link failure"), "mssql", Trouble.LOST),
        (Exception("Conversion failed when converting the value 'x' to int."), "mssql", Trouble.VALUE),
        (Exception("nobody has seen this before"), "mssql", Trouble.OTHER),
    ],
)  # fmt: skip
def test_what_a_driver_says_is_understood(error, dialect, trouble):
    assert trouble_of(error, dialect) is trouble
