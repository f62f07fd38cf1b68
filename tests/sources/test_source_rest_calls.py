"""Calls of a service: pages and their end, repeating, and everything that a service can do wrong."""

import asyncio
import tracemalloc
from typing import Any

import pytest
import stamina
from rest_services import Service, make_certificate, serving
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from matricula.errors import SettingError, StopError, WaitError
from matricula.sources import Surroundings, open_source

FIELDS = {"sourcedId": "p-{$.id}", "username": "$.id", "role": "student"}


def people(service: Service, call: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    settings = {
        "type": "rest",
        "base": service.url,
        "calls": {"people": {"path": "people", "rows": "$.people", **(call or {})}},
        "records": {"people": {"table": "users", "of": "people", "fields": FIELDS}},
        "complete": ["users"],
    }
    return {**settings, **more}


def read(settings: dict[str, Any]) -> list[str]:
    surroundings = Surroundings(secret=lambda name: f"s3cret-{name}")
    return open_source(settings, surroundings).deliver().drafts["users"].frame["sourcedId"].to_list()


def page_of(count: int, size: int, **more: Any) -> Any:
    def handler(request, _form):
        number = int(request.query_params.get("page", 1))
        rows = [{"id": one} for one in range(1, count + 1)][(number - 1) * size : number * size]
        return {"people": rows, **more}

    return handler


# ---------------------------------------------------------------------------------------------------------- the end


@pytest.mark.parametrize(
    ("paging", "told", "asked"),
    [
        ({}, {}, 4),
        ({"total": "$.total"}, {"total": 5}, 3),
        ({"pages": "$.pages"}, {"pages": 3}, 3),
        ({"pages": "$.pages", "total": "$.total"}, {"pages": 3, "total": 5}, 3),
    ],
)
def test_pages_are_read_to_the_end_that_the_recipe_knows(service, paging, told, asked):
    service.answer(page_of(5, 2, **told))
    assert read(people(service, {"paging": paging})) == ["p-1", "p-2", "p-3", "p-4", "p-5"]
    assert service.asked == [f"/people?page={number}" for number in range(1, asked + 1)]


def test_no_rows_at_all_are_one_empty_page(service):
    service.answer(page_of(0, 2, pages=0, total=0))
    assert read(people(service, {"paging": {"pages": "$.pages", "total": "$.total"}})) == []


def test_without_paging_there_is_one_answer(service):
    service.answer(page_of(2, 2))
    assert read(people(service, {"query": {"only": "current & new"}})) == ["p-1", "p-2"]
    assert service.asked == ["/people?only=current+%26+new"]


def test_cursors_are_followed_until_there_is_none(service):
    following = {"": "b/2", "b/2": "c", "c": None}

    def handler(request, _form):
        cursor = request.query_params.get("after", "")
        return {"people": [{"id": cursor or "a"}], "next": following[cursor]}

    service.answer(handler)
    call = {"paging": {"by": "cursor", "parameter": "after", "next": "$.next"}}
    assert read(people(service, call)) == ["p-a", "p-b/2", "p-c"]


def test_links_are_followed_until_there_is_none(service):
    def handler(request, _form):
        number = int(request.query_params.get("offset", 0))
        link = {"Link": f'</people?offset={number + 1}&x=1>; rel="next"'} if number < 2 else {}
        return JSONResponse({"people": [{"id": number}]}, headers=link)

    service.answer(handler)
    assert read(people(service, {"query": {"first": "1"}, "paging": {"by": "link"}})) == ["p-0", "p-1", "p-2"]
    assert service.asked == ["/people?first=1", "/people?offset=1&x=1", "/people?offset=2&x=1"]


@pytest.mark.parametrize("paging", [{"by": "cursor", "parameter": "after", "next": "$.next"}, {"by": "link"}])
def test_a_service_that_leads_round_in_a_circle_is_noticed(service, paging):
    def handler(request, _form):
        told = {"people": [{"id": len(service.asked)}], "next": "same"}
        return JSONResponse(told, headers={"Link": '</people?offset=1>; rel="next"'})

    service.answer(handler)
    with pytest.raises(StopError, match="same page again"):
        read(people(service, {"paging": paging}))
    assert len(service.asked) <= 3


def test_more_pages_than_are_believed_are_refused(service):
    service.answer(lambda *_: {"people": [{"id": len(service.asked)}]})
    with pytest.raises(StopError, match="more than 5 pages") as refused:
        read(people(service, {"paging": {"most": 5}}))
    assert refused.value.code == "rest-pages"
    assert len(service.asked) == 5


def test_a_total_that_changes_between_pages_makes_the_list_be_read_again(service):
    totals = iter([5, 6, 6, 6, 6])

    def handler(request, form):
        total = next(totals)
        return page_of(total, 2, total=total)(request, form)

    service.answer(handler)
    assert read(people(service, {"paging": {"total": "$.total"}})) == [f"p-{number}" for number in range(1, 7)]


def test_rows_that_truly_stand_there_twice_are_left_to_the_roster(service):
    service.answer(lambda *_: {"people": [{"id": 1}, {"id": 2}, {"id": 1}]})
    assert read(people(service, {"key": "$.id"})) == ["p-1", "p-2", "p-1"]
    assert len(service.asked) == 2


def test_a_key_that_is_in_no_row_is_refused(service):
    service.answer(page_of(2, 2))
    with pytest.raises(StopError, match=r"\$\.number.*finds nothing; the names there are: id"):
        read(people(service, {"key": "$.number"}))


def test_a_list_that_never_stands_still_is_given_up(service):
    service.answer(lambda *_: {"people": [{"id": len(service.asked)}] * 2})
    with pytest.raises(WaitError, match="came twice"):
        read(people(service, {"key": "$.id"}))
    assert len(service.asked) == 3


# --------------------------------------------------------------------------------------------------- one for each row


def for_each(service: Service, **call: Any) -> dict[str, Any]:
    calls = {
        "classes": {"path": "classes", "rows": "$.classes"},
        "people": {"path": "classes/{each$.id}/people", "rows": "$.people", "for_each": "classes", **call},
    }
    fields = {**FIELDS, "sourcedId": "{each$.id}:{$.id}"}
    records = {"people": {"table": "users", "of": "people", "fields": fields}}
    return {**people(service), "calls": calls, "records": records}


def test_a_call_is_made_for_each_row_and_keeps_their_order(service):
    def handler(request, _form):
        if request.url.path == "/classes":
            return {"classes": [{"id": f"{number}/ä"} for number in range(20)]}
        return {"people": [{"id": 1}, {"id": 2}]}

    service.answer(handler)
    assert read(for_each(service)) == [f"{number}/ä:{one}" for number in range(20) for one in (1, 2)]
    assert "/classes/7%2F%C3%A4/people" in {asked.replace("/7/ä/", "/7%2F%C3%A4/") for asked in service.asked}


def test_a_row_that_does_not_say_what_to_ask_for_is_refused(service):
    service.answer(lambda *_: {"classes": [{"id": 1}, {"name": "B"}], "people": []})
    with pytest.raises(StopError, match=r"each\$\.id.*gives nothing") as refused:
        read(for_each(service))
    assert refused.value.code == "rest-path"


def test_one_list_of_many_that_fails_fails_the_reading(service):
    def handler(request, _form):
        if request.url.path == "/classes":
            return {"classes": [{"id": number} for number in range(9)]}
        return None if request.url.path == "/classes/5/people" else {"people": []}

    service.answer(handler)
    with pytest.raises(SettingError, match="404") as refused:
        read(for_each(service))
    assert refused.value.where.endswith("/classes/5/people")


# ------------------------------------------------------------------------------------------------ what can go wrong


def failing(times: int, status: int, **headers: str) -> Any:
    left = [times]

    def handler(request, form):
        if left[0]:
            left[0] -= 1
            return Response(status_code=status, headers=headers)
        return page_of(1, 5)(request, form)

    return handler


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again(service, status):
    service.answer(failing(2, status, **{"Retry-After": "1"}))
    assert read(people(service)) == ["p-1"]
    assert len(service.asked) == 3


def test_a_service_that_stays_busy_is_left_for_later(service):
    service.answer(failing(99, 503))
    with pytest.raises(WaitError, match="503") as refused:
        read(people(service))
    assert refused.value.code == "service-busy"
    assert len(service.asked) == 5


@pytest.mark.parametrize("pause", ["3600", "Wed, 01 Jan 2200 00:00:00 GMT"])
def test_a_service_that_asks_for_a_long_pause_is_left_for_later(service, pause):
    service.answer(failing(99, 429, **{"Retry-After": pause}))
    with pytest.raises(WaitError, match="429"):
        read(people(service))
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_told_at_once_and_without_the_secret(service, status):
    service.answer(failing(99, status))
    with pytest.raises(SettingError, match=str(status)) as refused:
        read(people(service, headers={"X-Key": "{secret.key}"}))
    assert service.headers[0]["x-key"] == "s3cret-key"
    assert "s3cret" not in str(refused.value)
    assert refused.value.where == f"{service.url}/people"
    assert len(service.asked) == 1


def test_a_service_that_fails_is_left_for_later(service):
    service.answer(failing(99, 500))
    with pytest.raises(WaitError, match="500"):
        read(people(service))


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse('{"people": [{"id"', media_type="application/json"),
        PlainTextResponse("", media_type="application/json"),
        PlainTextResponse("[" * 100_000),
        Response(b'{"people": "\xff"}'),
    ],
)
def test_an_answer_that_is_no_json_is_refused(service, answer):
    service.answer(lambda *_: answer)
    with pytest.raises(StopError, match="no JSON, or ends half-way"):
        read(people(service))


def test_a_page_for_people_is_no_answer(service):
    service.answer(lambda *_: PlainTextResponse("<html>", media_type="text/html"))
    with pytest.raises(SettingError, match="web page"):
        read(people(service))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"persons": [], "page": 1}, "leads nowhere; the names there are: persons, page"),
        ({"people": None}, "leads to no list; the names there are: people"),
        ({"people": {"1": {}}}, "leads to no list"),
        ([{"id": 1}], "leads nowhere; there is a list"),
        ("closed", "leads nowhere; there is a single value"),
    ],
)
def test_an_answer_without_the_list_is_no_empty_list(service, told, words):
    service.answer(lambda *_: JSONResponse(told))
    with pytest.raises(StopError, match=words) as refused:
        read(people(service))
    assert refused.value.code == "rest-rows"


@pytest.mark.parametrize("told", [{}, {"total": "5"}, {"total": None}, {"total": True}])
def test_a_total_that_is_no_number_is_refused(service, told):
    service.answer(page_of(2, 2, **told))
    with pytest.raises(StopError, match=r"\$\.total gives no number; the names there are: people"):
        read(people(service, {"paging": {"total": "$.total"}}))


def test_a_service_that_stops_half_way_is_asked_again_and_then_refused(service):
    service.answer(lambda *_: StreamingResponse(iter([b'{"people": [']), headers={"Content-Length": "1000"}))
    with pytest.raises(StopError, match="broke before the answer was complete"):
        read(people(service))
    assert len(service.asked) == 5


def test_a_service_that_never_ends_is_given_up(service):
    async def drops():
        yield b'{"people": '
        await asyncio.Event().wait()

    service.answer(lambda *_: StreamingResponse(drops()))
    with stamina.set_testing(True, attempts=1), pytest.raises(WaitError, match="in time"):
        read(people(service, timeout=0.2))


def test_a_service_that_sends_drop_by_drop_is_given_up(service):
    async def drops():
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    service.answer(lambda *_: StreamingResponse(drops()))
    with stamina.set_testing(True, attempts=1), pytest.raises(WaitError, match="in time"):
        read(people(service, timeout=0.2))


def test_nothing_listens_there(service):
    with stamina.set_testing(True, attempts=2), pytest.raises(WaitError, match="cannot be reached"):
        read(people(service, base="http://127.0.0.1:9"))


def test_another_host_is_never_told_anything(service):
    with serving() as other:
        service.answer(lambda *_: RedirectResponse(f"{other.url}/people?token=1"))
        with pytest.raises(SettingError, match="leads elsewhere") as refused:
            read(people(service))
        assert f"{other.url}/people." in str(refused.value)
        service.answer(lambda *_: JSONResponse({"people": [{"id": 1}]}, headers={"Link": f'<{other.url}>; rel="next"'}))
        with pytest.raises(SettingError, match="leads elsewhere"):
            read(people(service, {"paging": {"by": "link"}}))
        assert other.asked == []


def test_a_certificate_must_fit_or_be_named(service, tmp_path):
    certificate = make_certificate(tmp_path)
    with serving(certificate) as safe:
        safe.answer(page_of(1, 5))
        assert read(people(safe, ca_file=str(certificate))) == ["p-1"]
        with pytest.raises(SettingError, match="ca_file") as refused:
            read(people(safe))
        assert refused.value.code == "certificate"
        with pytest.raises(SettingError, match=r"missing\.pem"):
            read(people(safe, ca_file=str(tmp_path / "missing.pem")))


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("http://sis.school.example", "write https"),
        ("ftp://sis.school.example", "write an address"),
        ("sis.school.example", "write an address"),
        ("https://me:secret@sis.school.example", "no name or password"),
        ("https://[", "write an address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(service, base, told):
    with pytest.raises(SettingError, match=told) as refused:
        read(people(service, base=base))
    assert "secret@" not in str(refused.value)


def test_a_header_that_cannot_be_sent_is_refused_without_showing_it(service):
    source = open_source(
        people(service, headers={"X-Key": "{secret.key}"}), Surroundings(secret=lambda _: "s3cret\nEvil: 1")
    )
    with pytest.raises(SettingError) as refused:
        source.deliver()
    assert refused.value.code == "rest-header"
    assert "s3cret" not in str(refused.value)


def test_memory_does_not_grow_with_the_pages(service):
    text = "x" * 2000

    def handler(request, _form):
        number = int(request.query_params["page"])
        rows = [{"id": f"{number}-{one}", "notes": text} for one in range(50)] if number <= wanted else []
        return {"people": rows}

    peaks = []
    for wanted in (3, 20):
        service.answer(handler)
        tracemalloc.start()
        assert len(read(people(service, {"paging": {}}))) == wanted * 50
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0], peaks
