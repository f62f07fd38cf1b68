"""What each function gives, and what is taken for empty."""

import datetime as dt

import polars as pl
import pytest
from mapping_school import KINDS, VOCABULARY, ZOE, for_zoe, frame, mapped

from matricula.profiles.mapping import compiled, parse


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("{group.title}-{subject.title}({group.id})", "9B-ART and design(9B/Art)"),
        ("{ group.title }", "9B"),
        ("no property at all", "no property at all"),
        ("", ""),
        ("{person.enabled} {group.size} {enrolment.beginDate}", "true 24 2026-09-01"),
        ("{person.grades}", "09, 10"),
        ("{person.grades, group.title}", "09, 10, 9B"),
    ],
)
def test_properties_and_text(template, result):
    assert for_zoe(template) == result


def test_numbers_are_written_as_people_write_them():
    assert mapped("{group.size}", {"group.size": 2.5}, {"group.size": float("nan")}, {}) == ["2.5", "", ""]
    whole = pl.DataFrame({"group.size": [30]})
    assert whole.select(compiled(parse("{group.size}"), VOCABULARY)).item() == "30"


def test_trim_takes_blanks_at_both_ends():
    assert for_zoe("<{person.metadata.house|trim}>") == "<Red>"
    assert for_zoe("<{group.id|trim}>", group__id="\t a b\u00a0\n") == "<a b>"


def test_lower_and_upper():
    assert for_zoe("{person.familyName|lower}") == "østergård"
    assert for_zoe("{person.familyName|upper}", person__familyName="Strauß") == "STRAUSS"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("ANNA-LENA O'BRIEN", "Anna-Lena O'Brien"),
        ("9b art", "9B Art"),
        ("élan ÉTÉ", "Élan Été"),
        ("a_b c.d", "A_B C.D"),
    ],
)
def test_title_gives_each_word_a_capital(text, result):
    assert for_zoe("{group.id|title}", group__id=text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("éèêëñçåäöüõ ÀÉÎÕÜ", "eeeencaaouo AEIOU"),
        ("ß ø ł đ þ ð ı œ æ", "ss o l d th d i oe ae"),
        ("Æ Ø Ł Đ Þ Œ ẞ", "AE O L D Th OE SS"),
        ("Ångström, Đoković, Łódź, Þórður", "Angstrom, Dokovic, Lodz, Thordur"),
        ("Щука Їжак Жуков Чехов", "Shchuka Yizhak Zhukov Chekhov"),
        ("Αθηνά Ψυχή Ώρα", "Athina Psychi Ora"),
        ("“a” – ‘b’ … «c»", '"a" - \'b\' ... "c"'),
        ("e\u0301 ﬁ Ⅳ ５ a\u00a0b", "e fi IV 5 a b"),
        ("ǿ ế Nguyễn", "o e Nguyen"),
        ("a漢b😀c", "abc"),
    ],
)
def test_ascii_spells_letters_without_accents(text, result):
    assert for_zoe("{group.id|ascii}", group__id=text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [("Müller & Söhne, 9b", "muller-sohne-9b"), ("  –x– ", "x"), ("漢", ""), ("Smørrebrød!", "smorrebrod")],
)
def test_slug_leaves_small_letters_digits_and_hyphens(text, result):
    assert for_zoe("{group.id|slug}", group__id=text) == result


def test_first_with_a_number_takes_characters():
    assert for_zoe("{person.familyName|first(2)}") == "Øs"
    assert for_zoe("{person.familyName|first(99)}") == "Østergård"
    assert for_zoe("{person.givenName, person.familyName|first(1)|join('')}") == "ZØ"


def test_first_without_a_number_takes_the_first_value_that_is_not_empty():
    template = "{person.preferredName, person.middleName, person.givenName|first}"
    assert for_zoe(template, person__middleName="") == "Zoë"
    assert for_zoe(template, person__middleName="Ann") == "Ann"
    assert for_zoe("{person.grades|first}", person__grades=[None, "", "8"]) == "8"
    assert for_zoe("{person.email, person.grades|first}", person__email="", person__grades=[]) == ""
    assert for_zoe("{enrolment.beginDate, group.title|first}") == "2026-09-01"


def test_replace_takes_texts_as_they_are():
    assert for_zoe("{group.id|replace('/', ' ')}") == "9B Art"
    assert for_zoe("{group.id|replace('.', '$0')}", group__id="a.b.c") == "a$0b$0c"
    assert for_zoe("{group.id|replace('(', '')|replace('\\\\d', 'x')}", group__id="(\\d1") == "x1"


def test_substring_counts_characters_from_one():
    assert for_zoe("{person.familyName|substring(1, 4)}") == "Øste"
    assert for_zoe("{person.familyName|substring(6)}") == "gård"
    assert for_zoe("{person.familyName|substring(6, 2)}") == "gå"
    assert for_zoe("<{person.familyName|substring(99)}>") == "<>"


@pytest.mark.parametrize(
    ("form", "result"),
    [
        ("%d.%m.%Y", "01.09.2026"),
        ("%-d/%-m/%y", "1/9/26"),
        ("%A %a %d %B %b", "Tuesday Tue 01 September Sep"),
        ("day %j of %Y, week %V of %G: 100%%", "day 244 of 2026, week 36 of 2026: 100%"),
    ],
)
def test_date_writes_dates_in_a_form(form, result):
    assert for_zoe(f"{{enrolment.beginDate|date('{form}')}}") == result
    assert for_zoe(f"{{group.id|date('{form}')}}", group__id="2026-09-01") == result


@pytest.mark.parametrize("text", ["2026-02-30", "soon", "1.9.2026", "", "2026-9-1", "2026-09-011"])
def test_what_is_no_date_is_empty(text):
    assert for_zoe("<{group.id|date('%d')}>", group__id=text) == "<>"


@pytest.mark.parametrize("text", ["2026-09-01T08:00:00Z", "2026-09-01 08:00", " 2026-09-01 "])
def test_times_of_day_do_not_matter(text):
    assert for_zoe("{group.id|date('%d.%m.')}", group__id=text) == "01.09."


def test_lookup_compares_exactly():
    assert for_zoe("{group.id|lookup(houses)}", group__id="Red") == "House of the Lion"
    assert for_zoe("<{group.id|lookup(houses)}>", group__id="red") == "<>"
    assert for_zoe("{group.id|lower|lookup(houses)}", group__id="BLUE") == "House of the Owl"
    assert for_zoe("{person.enabled|lookup(yes-no, 'no')}") == "yes"
    assert for_zoe("{person.enabled|lookup(yes-no, 'no')}", person__enabled=False) == "no"


def test_lookup_tells_what_is_not_in_the_table_from_what_is_empty():
    template = "<{group.id|lookup(houses, 'another')}>"
    assert [for_zoe(template, group__id=text) for text in ("x", "none", "", None)] == ["<another>", "<>", "<>", "<>"]


def test_lookup_in_an_empty_table_finds_nothing():
    expression = compiled(parse("<{group.id|lookup(t, 'x')}>"), VOCABULARY, {"t": {}})
    assert frame(ZOE).select(expression).item() == "<x>"


def test_default_fills_what_is_empty():
    assert for_zoe("{person.preferredName|default('nobody')}") == "nobody"
    assert for_zoe("{person.preferredName|default('nobody')}", person__preferredName="") == "nobody"
    assert for_zoe("{person.preferredName|default(person.givenName)|default('nobody')}") == "Zoë"
    assert for_zoe("{person.givenName|default('nobody')}") == "Zoë"
    assert for_zoe("{enrolment.beginDate|default('open')}", enrolment__beginDate=None) == "open"
    assert for_zoe("{person.middleName|default(enrolment.beginDate)}") == "2026-09-01"
    assert for_zoe("{person.middleName|default(person.grades)}") == "09, 10"
    assert for_zoe("{person.grades|default('none')}", person__grades=[""]) == "none"
    assert for_zoe("{group.id|trim|default('none')}", group__id="  ") == "none"
    assert for_zoe("<{group.id|default('')}>", group__id=None) == "<>"


def test_join_leaves_out_what_is_empty():
    template = "{person.givenName, person.middleName, person.familyName|join(' ')}"
    assert for_zoe(template) == "Zoë Østergård"
    assert for_zoe(template, person__givenName="") == "Østergård"
    assert for_zoe("<" + template + ">", person__givenName=None, person__familyName=None) == "<>"
    assert for_zoe("{person.grades|join('/')}", person__grades=["7", None, "", "8"]) == "7/8"
    assert for_zoe("{person.grades|join}") == "09, 10"
    assert for_zoe("{person.grades, group.title|join('+')}") == "09+10+9B"
    assert for_zoe("{group.title, enrolment.beginDate, group.size|join(' ')}") == "9B 2026-09-01 24"


def test_functions_go_through_several_values_one_by_one():
    assert for_zoe("{person.grades|first(1)|join}") == "0, 1"
    assert for_zoe("{person.grades|replace('09', ' ')|trim|join('/')}") == "10"
    assert for_zoe("{person.givenName, person.familyName|ascii|upper|join('.')}") == "ZOE.OSTERGARD"
    assert for_zoe("{person.grades|lookup(houses, 'x')|join}", person__grades=["Red", "?"]) == "House of the Lion, x"


def test_the_result_as_a_whole_may_be_changed_in_case():
    assert mapped("Aß {person.givenName}", ZOE, case="lower") == ["aß zoë"]
    assert mapped("Aß {person.givenName}", ZOE, case="upper") == ["ASS ZOË"]
    assert mapped("Text alone", ZOE, ZOE, case="upper") == ["TEXT ALONE", "TEXT ALONE"]


def test_texts_in_quotes_may_hold_anything():
    assert for_zoe("{person.middleName|default('it\\'s }|, \"[x]\"')}") == 'it\'s }|, "[x]"'
    assert for_zoe('{person.middleName|default("a\\"b\\\\c\\n")}') == 'a"b\\c\\n'


def test_dates_beside_nothing():
    assert mapped("[from {enrolment.beginDate|date('%d.%m.')}]", {"enrolment.beginDate": dt.date(2026, 1, 2)}, {}) == [
        "from 02.01.",
        "",
    ]


@pytest.mark.parametrize("name", [*KINDS, "person.metadata.house", "person.metadata.never-seen"])
def test_columns_of_nothing_are_empty_whatever_their_type(name):
    nothing = pl.DataFrame({name: [None, None]})
    assert nothing.select(compiled(parse(f"<{{{name}}}>"), VOCABULARY)).to_series().to_list() == ["<>", "<>"]


@pytest.mark.parametrize("template", ["text", "", "{group.id}", "[{group.id}]", "a{person.grades}"])
def test_there_are_as_many_results_as_records(template):
    assert mapped(template) == []
    assert len(mapped(template, ZOE, ZOE)) == 2


def test_a_template_tells_the_columns_and_tables_that_it_needs():
    template = parse("{b.c|default(a.b)|lookup(t)}[{b.c, d.e|join('x.y')}]{f.g|lookup(u, 'v')|lookup(t)}")
    assert template.names == ("b.c", "a.b", "d.e", "f.g")
    assert template.tables == ("t", "u")
