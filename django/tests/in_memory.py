"""Where the tests keep what they write: in memory, if that can be. They commit thousands of times, and a disk takes its time."""

from __future__ import annotations

import os

#: ``None``: where temporary files are.
FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
