"""A program that does not outlive its supervisor, and that a later one can tell from a dead one.

`python tied.py PARENT FILE WORDS...` becomes WORDS. FILE is locked as long as it, or a process that it has started,
runs. Where the supervisor with the id PARENT dies, even by SIGKILL, it gets SIGTERM; only Linux does that. Run as a
file: it needs nothing but Python.
"""

import ctypes
import fcntl
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(parent: int, file: str, words: list[str]) -> None:
    """Become the program."""
    held = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_SH)
    os.set_inheritable(held, True)  # noqa: FBT003 (its signature)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before it was asked
        sys.exit(0)
    os.execv(words[0], words)  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
