"""Questions go before work in the background, but cannot hold it up for good."""

from __future__ import annotations

import threading
import time

from engine.priority import Gate


def test_work_waits_for_a_question():
    gate, order = Gate(), list[str]()
    began = threading.Event()

    def work() -> None:
        began.set()
        gate.give_way(30)
        order.append("work")

    with gate.asking():
        worker = threading.Thread(target=work)
        worker.start()
        assert began.wait(10)
        order.append("answer")
    worker.join(10)
    assert order == ["answer", "work"]


def test_nothing_waits_without_a_question():
    gate = Gate()
    with gate.asking():
        pass
    started = time.monotonic()
    gate.give_way(30)
    assert time.monotonic() - started < 5


def test_a_question_without_end_does_not_stop_the_work():
    gate = Gate()
    with gate.asking(), gate.asking():
        gate.give_way(0.01)
