"""One program that starts, restarts and stops all others: supervisord, configured from here."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn


@dataclass(frozen=True)
class Program:
    """A program to keep running: `stop_seconds` is how long it may take to finish what it is doing.

    `is_once`: it is run once, and what it prints is shown; the others write to `<name>.log`.
    """

    name: str
    words: Sequence[str]
    stop_seconds: int = 15
    count: int = 1
    is_once: bool = False


def become(directory: Path, programs: Sequence[Program], environment: Mapping[str, str]) -> NoReturn:
    """Turn this process into the supervisor of `programs`, in their order; logs and its files go to `directory`.

    Programs stop in the reverse order on Ctrl-C or SIGTERM, and one that dies is started again.
    """
    logs = directory / "log"
    logs.mkdir(parents=True, exist_ok=True)
    config = directory / "supervisord.conf"
    config.write_text(configuration(directory, programs), encoding="utf-8")
    sys.stdout.flush()
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
    numbered = (
        ["process_name=%(program_name)s-%(process_num)d", f"numprocs={program.count}"] if program.count > 1 else []
    )
    log = "/dev/stdout" if program.is_once else f"{_escaped(directory / 'log' / program.name)}.log"
    lines = [
        f"\n[program:{program.name}]",
        "command=" + " ".join(f'"{_escaped(word)}"' for word in program.words),
        f"priority={place}",
        *numbered,
        f"autorestart={'false' if program.is_once else 'true'}",
        f"startsecs={0 if program.is_once else 1}",
        "startretries=1000000",
        f"stopwaitsecs={program.stop_seconds}",
        "stopasgroup=false",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={log}",
        f"stdout_logfile_maxbytes={0 if program.is_once else 10_000_000}",
        f"stdout_logfile_backups={0 if program.is_once else 2}",
    ]
    return "\n".join(lines)


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")
