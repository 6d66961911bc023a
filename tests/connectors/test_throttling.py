"""What a 429 costs: the connection waits as one, and asks nothing more once waiting was in vain."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.errors import Throttled, Unreachable
from connectors.retries import RetryPolicy
from connectors.window import Window
from connectors.wire import HttpSession
from sandbox.server import Request, Response, Server


class Refusing:
    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers

    def answer(self, request: Request) -> Response:
        return Response.of({}, status=429, headers=self.headers)


@pytest.fixture
def slept() -> list[float]:
    return []


def ask_often(server: Server, times: int, slept: list[float], window: Window | None) -> list[int | str]:
    session = HttpSession(
        connection="tool", retry=RetryPolicy(first_wait=0.001), sleep=slept.append, window=window, timeout=5
    )

    def ask(_: int) -> int | str:
        try:
            return session.get(server.url).status_code
        except Throttled:
            return "unasked"

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(ask, range(times)))


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1847"}], ids=["bare", "long"])
def test_a_429_that_stays_ends_the_asking(headers: dict[str, str], slept: list[float]) -> None:
    with Server(Refusing(headers=headers)) as server:
        outcomes = ask_often(server, 100, slept, Window(first=10, most=32))

        assert set(outcomes) <= {429, "unasked"}
        assert len(server.calls) <= 14


def test_what_follows_a_429_fails_with_the_pause_that_is_left(slept: list[float]) -> None:
    with Server(Refusing(headers={"Retry-After": "600"})) as server:
        session = HttpSession(connection="tool", sleep=slept.append)
        session.get(server.url)

        with pytest.raises(Throttled) as caught:
            session.get(server.url)

    assert caught.value.retry_after is not None
    assert 590 < caught.value.retry_after <= 600
    assert caught.value.scope == "connection"
    assert session.calls == 1


def test_a_bare_429_holds_back_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    session = HttpSession(connection="tool", retry=RetryPolicy(first_wait=5), sleep=lambda _: None)
    paused: list[float] = []
    monkeypatch.setattr(session, "pause", paused.append)
    with Server(Refusing(headers={})) as server:
        session.get(server.url)

    assert len(paused) == 3


def test_a_429_of_one_thing_holds_back_nothing_else(slept: list[float]) -> None:
    retry = RetryPolicy(own_limit=lambda request: "/reports/" in (request.url or ""))
    session = HttpSession(connection="tool", retry=retry, sleep=slept.append)
    with Server(Refusing(headers={"Retry-After": "40"})) as server:
        session.get(f"{server.url}/reports/getA")
    waited = list(slept)
    with pytest.raises(Unreachable):
        session.get("http://127.0.0.1:9")

    assert waited == [40, 40, 40]
    assert max(slept[3:]) < 40


class TestWindow:
    @pytest.fixture
    def window(self) -> Window:
        return Window(first=2, most=4)

    def test_it_opens_with_each_answer_and_closes_at_a_refusal(self, window: Window) -> None:
        for _ in range(5):
            window.saw(refused=False)
        opened = window.size
        window.saw(refused=True)

        assert (opened, window.size) == (4, 1)

    def test_after_a_refusal_it_opens_to_half_at_once_and_further_by_and_by(self) -> None:
        window = Window(first=32, most=32)
        window.saw(refused=True)
        sizes = []
        for _ in range(40):
            window.saw(refused=False)
            sizes.append(window.size)

        assert sizes[14] == 16
        assert sizes[29] == 16
        assert sizes[39] == 17

    def test_what_was_under_way_at_a_refusal_counts_for_nothing(self) -> None:
        window = Window(first=10, most=32)
        refused, seen = threading.Barrier(10), threading.Barrier(10)

        def ask(number: int) -> None:
            with window:
                refused.wait(5)
                if number == 0:
                    window.saw(refused=True)
                seen.wait(5)
                if number:
                    window.saw(refused=number < 5)

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(ask, range(10)))

        assert window.size == 1
        with window:
            window.saw(refused=False)
        assert window.size == 2

    def test_whoever_is_inside_may_enter_again(self, window: Window) -> None:
        window.saw(refused=True)
        with window, window:
            pass
        with window:
            pass

    def test_nobody_else_enters_a_full_window(self, window: Window) -> None:
        window.saw(refused=True)
        entered = threading.Event()

        def enter() -> None:
            with window:
                entered.set()

        other = threading.Thread(target=enter)
        with window:
            other.start()
            assert not entered.wait(0.05)
        other.join(5)

        assert entered.is_set()


def test_errors_that_are_not_answers_leave_the_window(slept: list[float]) -> None:
    window = Window(first=1, most=1)
    session = HttpSession(connection="tool", sleep=slept.append, window=window, timeout=1)
    for _ in range(3):
        with pytest.raises(Exception, match="can't connect"):
            session.get("http://127.0.0.1:9")

    assert session.calls == 12
