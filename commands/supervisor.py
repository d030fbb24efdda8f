"""One program that starts, restarts and stops all others: supervisord, configured from here.

Killed, it stops nothing any more: its programs are tied to it (`commands/tied.py`) and end by themselves.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

STOP_SECONDS = 15  # that a program may take to finish what it is doing
TIED = Path(__file__).parent / "tied.py"


@dataclass(frozen=True)
class Program:
    """A program to keep running; it writes to `<name>.log`."""

    name: str
    words: Sequence[str]
    count: int = 1


class StillRunningError(Exception):
    """Programs of an earlier supervisor still run; the message names what is known of it."""


def wait_for_the_one_before(directory: Path, seconds: float = STOP_SECONDS + 5) -> None:
    """Return once no program of an earlier supervisor runs: one that was killed leaves them to finish by themselves.

    Raises:
        StillRunningError: at once where that supervisor is alive, else after `seconds`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds
    with _running(directory).open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if alive := _alive(directory):
                    raise StillRunningError(f"process {alive} runs them") from None
                if time.monotonic() > deadline:
                    raise StillRunningError("what ran them was killed, and they did not end") from None
                time.sleep(0.1)
            else:
                return


def _alive(directory: Path) -> int | None:
    """The id of the earlier supervisor, if there is such a process."""
    try:
        process = int((directory / "supervisord.pid").read_text(encoding="ascii"))
        os.kill(process, 0)
    except (OSError, ValueError):
        return None
    return process


def _running(directory: Path) -> Path:
    return directory / "running.lock"


def become(
    directory: Path,
    programs: Sequence[Program],
    meanwhile: Sequence[str],
    environment: Mapping[str, str],
) -> NoReturn:
    """Turn this process into the supervisor of `programs`, in their order; logs and its files go to `directory`.

    Programs stop in the reverse order on Ctrl-C or SIGTERM, and one that dies is started again. `meanwhile` is run
    once beside them, on this terminal.
    """
    logs = directory / "log"
    logs.mkdir(parents=True, exist_ok=True)
    config = directory / "supervisord.conf"
    config.write_text(configuration(directory, programs), encoding="utf-8")
    sys.stdout.flush()
    subprocess.Popen(list(meanwhile), env=dict(environment))  # noqa: S603 (our own words)
    words = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--silent", "--configuration", str(config)]
    os.execve(sys.executable, words, dict(environment))  # noqa: S606 (no shell is wanted)


def configuration(directory: Path, programs: Sequence[Program]) -> str:
    """Supervisord's configuration file. Its % is an escape, so every one in a path is doubled."""
    head = [
        "[supervisord]",
        f"logfile={_escaped(directory / 'log' / 'supervisord.log')}",
        f"pidfile={_escaped(directory / 'supervisord.pid')}",
        f"childlogdir={_escaped(directory / 'log')}",
    ]
    sections = [_section(directory, place, program) for place, program in enumerate(programs, 1)]
    return "\n".join(["; Written at every start; changes here are lost.", *head, *sections, ""])


def _section(directory: Path, place: int, program: Program) -> str:
    tied = [sys.executable, str(TIED), str(os.getpid()), str(_running(directory))]  # this process becomes supervisord
    numbered = ["process_name=%(program_name)s-%(process_num)d", f"numprocs={program.count}"]
    lines = [
        f"\n[program:{program.name}]",
        "command=" + " ".join(f'"{_escaped(word)}"' for word in [*tied, *program.words]),
        f"priority={place}",
        *(numbered if program.count > 1 else []),
        "autorestart=true",
        "startretries=1000000",
        f"stopwaitsecs={STOP_SECONDS}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_escaped(directory / 'log' / program.name)}.log",
        "stdout_logfile_maxbytes=10MB",
        "stdout_logfile_backups=2",
    ]
    return "\n".join(lines)


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")
