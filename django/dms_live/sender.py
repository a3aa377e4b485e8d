"""The thread that sends, in each process that commits events. So no request waits for Redis, nor fails with it."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable

from django.db import DatabaseError, connections

from dms_live.conf import conf
from dms_live.in_tests import may_send
from dms_live.redis_client import forget_after_fork
from dms_live.relay import Round, close_broken_connections, run_round

logger = logging.getLogger("dms_live")

#: While another process sends: the first and the longest pause before this one looks for events again, in seconds.
_BUSY_PAUSE, _LONGEST_BUSY_PAUSE = 0.05, 1.0
#: While Redis is away: the first and the longest pause between two attempts, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
#: How long a process that ends may still send, in seconds. The next sender finds what is left.
_GOODBYE = 1.0


class Pauses:
    """How long to wait before the next round. Logs once that Redis is away, and once that it is back."""

    def __init__(self) -> None:
        self.is_away = False
        self._pause = _FIRST_PAUSE
        self._busy_pause = _BUSY_PAUSE

    def after(self, outcome: Round) -> float:
        """In seconds."""
        if outcome.away is not None:
            if not self.is_away:
                logger.warning("dms_live: Redis is away; events wait in the outbox", extra={"reason": outcome.away})
            self.is_away = True
            return self.after_failure()
        if outcome.busy:
            pause, self._busy_pause = self._busy_pause, min(self._busy_pause * 2, _LONGEST_BUSY_PAUSE)
            return pause
        if self.is_away:
            logger.info("dms_live: Redis is back", extra={"sent": outcome.sent})
        self.is_away = False
        self._pause, self._busy_pause = _FIRST_PAUSE, _BUSY_PAUSE
        return max(outcome.next_due, 0.01)

    def after_failure(self) -> float:
        pause, self._pause = self._pause, min(self._pause * 2, _LONGEST_PAUSE)
        return pause


def run_round_safely(pauses: Pauses, is_ending: Callable[[], bool] = lambda: False) -> float:
    """Runs one round and returns how long to wait before the next, in seconds. No failure ends the sending."""
    try:
        return pauses.after(run_round(is_ending))
    except DatabaseError as error:
        logger.warning("dms_live: the outbox cannot be read", extra={"reason": type(error).__name__})
        return pauses.after_failure()
    except Exception:
        logger.exception("dms_live: sending failed")
        return pauses.after_failure()
    finally:
        close_broken_connections()


class _Sender(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="dms_live", daemon=True)
        self.woken = threading.Event()
        self.ending = threading.Event()

    def run(self) -> None:
        try:
            self._send()
        finally:
            connections.close_all()  # those of this thread

    def _send(self) -> None:
        pauses = Pauses()
        while True:
            # This is read before the round, so that events committed until the end get one more round.
            is_last = self.ending.is_set()
            self.woken.clear()
            pause = run_round_safely(pauses)
            if is_last:
                return
            # While Redis is away a commit must not wake the thread. Otherwise each commit would be an attempt.
            (self.ending if pauses.is_away else self.woken).wait(pause)

    def end(self, patience: float) -> None:
        self.ending.set()
        self.woken.set()
        self.join(patience)


_sender: _Sender | None = None
_starting = threading.Lock()


def wake() -> None:
    """Wakes the thread after a commit, so that it sends soon. Does nothing if only a relay sends, or in a project's tests."""
    global _sender
    if conf().sender != "thread" or not may_send():
        return
    with _starting:
        if _sender is None or not _sender.is_alive():
            _sender = _Sender()
            try:
                _sender.start()
            except RuntimeError:  # the interpreter is ending: the next sender will find it
                _sender = None
                return
        _sender.woken.set()


def stop(patience: float = _GOODBYE) -> None:
    """Ends this process's thread, after one more round. That may take as many seconds."""
    global _sender
    with _starting:
        sender, _sender = _sender, None
    if sender is not None:
        sender.end(patience)


def _start_again_after_fork() -> None:
    """A thread does not survive a fork, and the parent's connection is not the child's."""
    global _sender, _starting
    _sender, _starting = None, threading.Lock()
    forget_after_fork()


atexit.register(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_again_after_fork)
