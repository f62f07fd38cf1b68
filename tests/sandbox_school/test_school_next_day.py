import pytest

from matricula.sandbox.school import School


def _enrolments(school):
    return {(each.sourced_id, who) for each in school.classes for who in each.teachers + each.students}


@pytest.fixture(scope="module")
def days():
    first = School.generate()
    second, story = first.next_day()
    return first, second, story


def _by_id(school):
    return {person.sourced_id: person for person in school.people()}


def test_one_leaves_and_one_comes(days):
    first, second, story = days
    before, after = _by_id(first), _by_id(second)
    (leaver,) = [before[who] for who in before.keys() - after.keys() if before[who].role == "student"]
    (newcomer,) = [after[who] for who in after.keys() - before.keys()]
    assert story[0] == f"{leaver.name} (Year {leaver.year_group}) left the school."
    assert story[1] == f"{newcomer.name} joined the school in form {newcomer.form}."
    assert newcomer.username not in {person.username for person in before.values()}
    assert not [pair for pair in _enrolments(second) if pair[1] == leaver.sourced_id]
    form_classes = {each.sourced_id for each in second.classes if each.form == newcomer.form}
    assert {pair for pair in _enrolments(second) if pair[1] == newcomer.sourced_id} == {
        (each, newcomer.sourced_id) for each in form_classes
    }


def test_three_change_class_and_one_class_changes_teacher(days):
    first, second, story = days
    stayed = _by_id(first).keys() & _by_id(second).keys()
    changed = {pair for pair in _enrolments(first) ^ _enrolments(second) if pair[1] in stayed}
    gone, come = changed & _enrolments(first), changed - _enrolments(first)
    assert len(gone) == len(come) == 4
    titles = {each.sourced_id: each.title for each in first.classes}
    names = {who: person.name for who, person in _by_id(first).items()}
    for each, who in gone | come:
        sentence = story[2] if who.startswith("stu") else story[3]
        assert titles[each] in sentence
        assert names[who] in sentence


def test_one_name_is_corrected_and_nothing_else_about_people(days):
    first, second, story = days
    before, after = _by_id(first), _by_id(second)
    (changed,) = [who for who in before.keys() & after.keys() if before[who].name != after[who].name]
    assert story[4] == f"The name of {before[changed]} was corrected to {after[changed].name}."
    assert before[changed].username == after[changed].username
    assert [who for who in before.keys() & after.keys() if before[who] != after[who]] == [changed]


def test_classes_stay_the_same_classes(days):
    first, second, _story = days
    assert [each.sourced_id for each in first.classes] == [each.sourced_id for each in second.classes]
    assert first.courses == second.courses


def test_a_day_can_be_lived_again(days):
    first, second, story = days
    assert first.next_day() == (second, story)


def test_days_differ(days):
    _first, second, story = days
    _third, later = second.next_day()
    assert not set(later) & set(story)


def test_a_parent_leaves_with_the_last_child():
    school = School.generate(students=40, staff=5, classes=6)
    parents = set(school.parents)
    while school.parents:
        assert set(school.parents) <= parents
        school, _story = school.next_day()
    assert not [student for student in school.students if student.agents]


def test_what_a_tiny_school_has_no_room_for_does_not_happen():
    school, story = School.generate(students=1, staff=1, classes=1).next_day()
    assert len(school.students) == 1
    assert len(story) == 2
