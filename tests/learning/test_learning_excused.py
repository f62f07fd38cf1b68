"""Moodle says `dropped` of grades that somebody excluded and of those that a category drops by its rule."""

from graded_class import Desk
from hypothesis import given
from hypothesis import strategies as st

from matricula.grades.excused import excused
from matricula.moodle import GradeCell, PersonGrades
from matricula.sandbox.functions.gradebook import add_grade_category

WHOLE = 1


def cell(item, raw, status, category=WHOLE):
    return GradeCell(
        item_id=item, name="", kind="manual", module="", instance=None, number=0, idnumber="", category=category,
        has_scale=False, scale_id=None, cmid=None, item_locked=False, minimum=0.0, maximum=10.0, weight=None,
        status=status, raw=raw, unreadable=False, shown="", percentage="", letter="", feedback="", hidden=False,
        locked=False, overridden=False, submitted_at=None, graded_at=None,
    )  # fmt: skip


def people(*rows):
    return [
        PersonGrades(user, "", tuple(cell(item, raw, status) for item, (raw, status) in enumerate(row, 1)))
        for user, row in enumerate(rows, 1)
    ]


USED, DROPPED = "used", "dropped"


def test_one_who_is_excused_among_others():
    assert excused(people([(5, USED), (9, DROPPED)], [(5, USED), (6, USED)])) == {(2, 1)}
    assert excused(people([(7, DROPPED)], [(5, USED)])) == {(1, 1)}


def test_the_lowest_of_everybody_are_dropped_by_rule():
    assert excused(people([(5, USED), (3, DROPPED)], [(2, DROPPED), (6, USED)])) == set()
    assert excused(people([(5, USED), (3, DROPPED)], [(2, USED)])) == set()


def test_only_so_many_of_the_highest_count_by_rule():
    kept = [(9, USED), (8, USED), (3, DROPPED)]
    assert excused(people(kept, [(2, USED), (None, "novalue"), (4, USED)])) == set()


def test_without_points_among_places_that_all_count():
    """As answered by a Moodle 5.1 where empty places count as zero and Ann is excluded from the second item."""
    rows = ([(5, USED), (None, DROPPED)], [(None, USED), (4, USED)], [(6, USED), (6, USED)])
    assert excused(people(*rows)) == {(2, 1)}


def test_who_has_a_single_grade_where_the_lowest_is_dropped():
    """As answered by a Moodle 5.1: even a single grade is dropped."""
    assert excused(people([(7, DROPPED), (None, "novalue")], [(2, DROPPED), (6, USED)])) == set()


def test_what_a_site_says_outright_is_taken():
    assert excused(people([(None, "excluded")])) == {(1, 1)}


@given(st.lists(st.lists(st.integers(0, 10), min_size=2, max_size=5), min_size=1, max_size=6), st.integers(1, 1))
def test_whatever_a_rule_drops_nobody_is_excused(grades, drop):
    rows = []
    for given_ in grades:
        lowest = sorted(range(len(given_)), key=lambda place: given_[place])[:drop]
        rows.append([(raw, DROPPED if place in lowest else USED) for place, raw in enumerate(given_)])
    assert excused(people(*rows)) == set()


def test_both_as_a_site_tells_them(desk: Desk):
    course, (ann, bob, *_) = desk.class_of()
    drops = add_grade_category(desk.state, course, "Best of", drop_lowest=1)
    first, second = (desk.column(course, name, category=drops) for name in ("One", "Two"))
    plain = desk.column(course, "Plain")
    for user in (ann, bob):
        desk.grade(first, user, 5)
        desk.grade(second, user, 3)
        desk.grade(plain, user, 8)
    desk.grade(plain, bob, 8, excluded=1)
    desk.read(course)
    found = {(item, user): state for item, user, state in desk.known("grade", "item", "user", "state")}
    assert [found[second, ann], found[second, bob]] == ["graded", "graded"]
    assert [found[plain, ann], found[plain, bob]] == ["graded", "excused"]
    shares = {(item, user): share for item, user, share in desk.known("grade", "item", "user", "share")}
    assert (shares[second, ann], shares[plain, bob]) == (0.0, 0.0)
