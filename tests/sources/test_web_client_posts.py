"""What is to be done once: it is sent again only where it surely was not done."""

import pytest
import stamina
from rest_services import Service, serving
from starlette.responses import Response

from matricula.errors import SettingError, WaitError
from matricula.sources.web import WebClient, client
from matricula.sources.web.answers import Answer, BrokenAnswerError, DoubtError
from matricula.sources.web.oauth2 import Bearer


@pytest.fixture(scope="module")
def service():
    with serving() as running:
        yield running


@pytest.fixture
def web(service: Service):
    with (
        WebClient(Bearer("s3cret"), service.url, "https://x.example", timeout=5) as made,
        stamina.set_testing(True, attempts=3, cap=True),
    ):
        yield made


def first_then_done(first: Response):
    """A service that answers so once, and then that all is done."""
    left = [first]
    return lambda _request, _form: left.pop() if left else {"done": True}


@pytest.mark.parametrize(("status", "sent"), [(429, 2), (503, 1), (502, 1)])
def test_a_busy_service_is_asked_again_where_it_began_nothing(web, service, status, sent):
    service.answer(first_then_done(Response(status_code=status)))
    if sent == 1:
        with pytest.raises(DoubtError) as met:
            web.post(f"{service.url}/things", {"name": "Zoë"})
        assert met.value.code == "service-doubt"
    else:
        assert web.post(f"{service.url}/things", {"name": "Zoë"}).content == {"done": True}
    assert len(service.asked) == sent


@pytest.mark.parametrize("first", [Response(status_code=503), Response('{"do')])
def test_what_may_be_done_twice_is_sent_again(web, service, first):
    service.answer(first_then_done(first))
    assert web.post(f"{service.url}/things", repeatable=True).content == {"done": True}
    assert len(service.asked) == 2
    assert "content-type" not in service.headers[0]


def test_half_an_answer_leaves_a_doubt_unless_nobody_reads_it(web, service):
    service.answer(lambda _request, _form: Response('{"do'))
    with pytest.raises(DoubtError):
        web.post(f"{service.url}/things", {})
    assert web.post(f"{service.url}/things", {}, reads=False).content is None
    assert len(service.asked) == 2


def test_an_endless_answer_leaves_a_doubt(web, service, monkeypatch):
    monkeypatch.setattr(client, "LARGEST_ANSWER", 3)
    service.answer(lambda _request, _form: {"done": True})
    with pytest.raises(DoubtError):
        web.post(f"{service.url}/things", {})
    with pytest.raises(SettingError):
        web.post(f"{service.url}/things", {}, repeatable=True)


def test_a_judge_decides_what_is_tried_again(web, service):
    def judge(answer: Answer) -> None:
        if answer.status == 500:
            raise BrokenAnswerError("It failed.", code="tool-fault")

    service.answer(first_then_done(Response(status_code=500)))
    assert web.get(f"{service.url}/things", judge).content == {"done": True}
    service.answer(first_then_done(Response(status_code=500)))
    with pytest.raises(DoubtError):
        web.post(f"{service.url}/things", {}, judge)
    assert len(service.asked) == 1


def test_who_cannot_be_reached_did_nothing(web):
    with pytest.raises(WaitError) as met:
        web.post("http://127.0.0.1:9/things", {})
    assert met.value.code == "service-unreachable"
