from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from portal.http_client import errors
from portal.http_client.errors import OutboundError
from portal.http_client.send import send
from provisioning.nexus import ErrorInside
from tests.portal.outbound.conftest import post_to
from tests.portal.outbound.raw_server import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.portal.outbound.conftest import Serve


def _below(kind: type[OutboundError]) -> Iterator[type[OutboundError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _below(child)


_BRANCHES = {errors.NotSent, errors.Answered}
_ALL = sorted(_below(OutboundError), key=lambda kind: kind.__name__)
_LEAVES = [kind for kind in _ALL if kind not in _BRANCHES]


@pytest.mark.parametrize("kind", _LEAVES)
def test_an_error_is_either_permanent_or_retryable(kind: type[OutboundError]) -> None:
    assert kind.permanent != kind.retryable


@pytest.mark.parametrize("kind", _LEAVES)
def test_what_was_not_sent_has_a_known_outcome(kind: type[OutboundError]) -> None:
    if issubclass(kind, errors.NotSent):
        assert not kind.unknown_outcome


@pytest.mark.parametrize("kind", _LEAVES)
def test_a_sentence_names_the_host_and_ends(kind: type[OutboundError]) -> None:
    sentence = kind("nexus.example.com", detail="Something is wrong.").sentence
    assert sentence.endswith(".")
    assert "{" not in sentence
    if kind not in {errors.UrlRefused, errors.UnsendableRequest}:
        assert "nexus.example.com" in sentence


@pytest.mark.parametrize("kind", [*_LEAVES, ErrorInside])
def test_an_error_tells_its_doubt_apart_from_its_cause(kind: type[OutboundError]) -> None:
    error = kind("nexus.example.com", detail="Something is wrong.")
    assert bool(error.doubt) == error.unknown_outcome
    assert error.sentence == " ".join(part for part in (error.cause, error.doubt) if part) == str(error)
    assert "not known" not in error.cause


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in _ALL]
    assert len(set(codes)) == len(codes)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__
    written = re.findall(r"[├└]── (\w+)", errors.__doc__)
    assert sorted(written) == [kind.__name__ for kind in _ALL]


_BY_STATUS = {
    300: errors.Redirected,
    301: errors.Redirected,
    302: errors.Redirected,
    303: errors.Redirected,
    304: errors.Redirected,
    307: errors.Redirected,
    308: errors.Redirected,
    400: errors.Rejected,
    401: errors.NotAllowed,
    403: errors.NotAllowed,
    404: errors.NotFound,
    409: errors.Conflict,
    418: errors.Rejected,
    422: errors.Rejected,
    429: errors.RateLimited,
    500: errors.ServerError,
    501: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
    504: errors.ServerError,
    599: errors.ServerError,
}


@pytest.mark.parametrize("status", _BY_STATUS)
def test_each_status_has_its_error(status: int, serve: Serve) -> None:
    server = serve(answer(status, b"" if status == 304 else b'{"message": "no"}'))
    with pytest.raises(OutboundError) as caught:
        send(post_to(server.url), {})
    assert type(caught.value) is _BY_STATUS[status]
    assert caught.value.answer is not None
    assert caught.value.answer.status == status


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_a_2xx_is_an_answer(status: int, serve: Serve) -> None:
    assert send(post_to(serve(answer(status)).url), {}).status == status


def test_an_error_carries_nothing_of_the_libraries(serve: Serve) -> None:
    with pytest.raises(errors.ConnectionLost) as caught:
        send(post_to(serve(lambda _sock, _request: None).url), {})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("sent", "kept"), [("0f-12", "0f-12"), ("0f-12 \x01é", ""), ("x" * 129, "")])
def test_the_correlation_id_is_kept_if_it_is_one(serve: Serve, sent: str, kept: str) -> None:
    server = serve(answer(404, b"{}", ININ_Correlation_Id=sent))
    with pytest.raises(errors.NotFound) as caught:
        send(post_to(server.url), {})
    assert caught.value.answer
    assert caught.value.answer.correlation_id == kept
