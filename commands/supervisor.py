"""One program that starts, restarts and stops all others: supervisord, configured from here."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

STOP_SECONDS = 15  # that a program may take to finish what it is doing


@dataclass(frozen=True)
class Program:
    """A program to keep running; it writes to `<name>.log`."""

    name: str
    words: Sequence[str]
    count: int = 1


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
    numbered = ["process_name=%(program_name)s-%(process_num)d", f"numprocs={program.count}"]
    lines = [
        f"\n[program:{program.name}]",
        "command=" + " ".join(f'"{_escaped(word)}"' for word in program.words),
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
