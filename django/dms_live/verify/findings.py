"""What is wrong with an entity, or with a user or a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Each fault, in words for people.
FAULTS = {
    "differs": "what was published last is something else",
    "missing": "nothing was published of it",
    "lost": "its last event was sent, and is not in the log",
    "departed": "the last event says that it is gone, and it is there",
    "elsewhere": "the last event of another unit says that it is there",
    "gone": "it is gone, and no event says so",
    "failed": "its event was given up",
    "unfit": "it cannot be published as it is now",
    "waiting": "its event waits to be sent for too long",
    "session": "the user changed, and no session ended",
    "figures": "the newest snapshot has other figures",
}


@dataclass(frozen=True)
class Finding:
    """One fault.

    :ivar kind: the entity's, or ``user``, or ``kpis``.
    :ivar what: a key of :data:`FAULTS`.
    :ivar topic: where the fault is.
    :ivar fields: which fields differ.
    :ivar event: the last event, by its position in the log.
    """

    kind: str
    id: str
    what: str
    topic: str = ""
    fields: tuple[str, ...] = ()
    event: str = ""
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if value}

    def __str__(self) -> str:
        fields = f" ({', '.join(self.fields)})" if self.fields else ""
        about = " ".join(
            part for part in (self.topic and f"[{self.topic}]", self.reason and f"– {self.reason}") if part
        )
        return f"{self.kind} {self.id}: {FAULTS[self.what]}{fields}{' ' if about else ''}{about}"


@dataclass
class Outcome:
    """What a run over one kind found.

    :ivar rows: how many rows were looked at.
    :ivar unknown: of how many nobody knows whether they changed since their last event, which is in no log any more.
    :ivar waiting: of how many an event waits to be sent.
    :ivar moving: how many changed again each time they were looked at.
    :ivar unfit: how many cannot be published, and never were.
    """

    kind: str
    rows: int = 0
    events: int = 0
    unknown: int = 0
    waiting: int = 0
    moving: int = 0
    unfit: int = 0
    holes: int = 0
    since: str | None = None
    begins: str | None = None
    left_out: list[str] = field(default_factory=list)
    found: int = 0
    repaired: int = 0
    is_complete: bool = True
