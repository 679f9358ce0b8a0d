"""Ctrl-C is heard at once, obeyed between two tasks, and given back afterwards."""

import signal

import pytest

from api.demonstration.interruption import interruption


def test_nobody_asked_to_stop() -> None:
    with interruption("en") as heard:
        heard.check()


def test_ctrl_c_interrupts_at_the_next_check_and_not_before(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with interruption("en") as heard:
        signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            heard.check()

    assert "Stopping after this step" in capfd.readouterr().err


def test_the_handler_of_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)

    with interruption("en"):
        inside = signal.getsignal(signal.SIGINT)

    assert inside != before
    assert signal.getsignal(signal.SIGINT) == before
