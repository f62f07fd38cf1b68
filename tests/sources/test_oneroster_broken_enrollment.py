"""A line of enrollments.csv that is no record: nobody knows whose place in which class it was."""

from pathlib import Path

from deliveries import deliver, read


def test_a_short_line_of_enrollments_takes_the_table_out_of_the_scope(tmp_path: Path) -> None:
    folder = deliver(tmp_path)
    with (folder / "enrollments.csv").open("ab") as file:
        file.write(b"e9,,\r\n")
    roster = read(folder)
    assert not roster.scope.covers("enrollments")
    assert roster.scope.covers("users")


def test_a_short_line_of_users_leaves_the_enrollments_in_the_scope(tmp_path: Path) -> None:
    folder = deliver(tmp_path)
    with (folder / "users.csv").open("ab") as file:
        file.write(b"u9,,\r\n")
    assert read(folder).scope.covers("enrollments")
