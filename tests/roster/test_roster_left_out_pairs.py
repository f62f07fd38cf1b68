"""Rows of enrollments that were left out still say whose place in which class they stand for."""

from test_roster_checks import build


def test_a_row_with_an_unknown_role_tells_its_person_and_class():
    roster = build(enrollments=[{"role": "pupil"}])
    assert roster.enrollments.is_empty()
    assert roster.unreadable_pairs == {("u1", "c1")}
    assert roster.scope.covers("enrollments")


def test_a_row_without_a_person_tells_its_class():
    roster = build(enrollments=[{"userSourcedId": None}])
    assert roster.unreadable_pairs == {("", "c1")}


def test_a_row_whose_class_is_not_there_tells_both():
    assert build(enrollments=[{"classSourcedId": "c9"}]).unreadable_pairs == {("u1", "c9")}


def test_rows_with_one_sourced_id_and_different_cells_tell_all_they_may_stand_for():
    rows = [{"userSourcedId": "u1"}, {"userSourcedId": "u1", "classSourcedId": "c9"}]
    assert build(enrollments=rows).unreadable_pairs == {("u1", "c1"), ("u1", "c9")}


def test_a_row_that_tells_neither_takes_the_table_out_of_the_scope():
    roster = build(enrollments=[{"userSourcedId": None, "classSourcedId": None}])
    assert not roster.scope.covers("enrollments")
    assert roster.scope.covers("users")


def test_rows_left_out_of_other_tables_tell_no_pairs():
    assert build(users=[{"role": "pupil"}], enrollments=[]).unreadable_pairs == frozenset()
