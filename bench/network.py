"""Hosts with addresses of their own on one machine: Linux network namespaces on a bridge, where that is allowed.

Elsewhere a host is a name for some of this machine's processes, and to cut it off is to stop those in their tracks: to
everybody else it has gone silent just the same, though it cannot even try to go on.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HERE = "127.0.0.1"
NETWORK = "10.77.0"  # private; the machine itself is .1


@dataclass
class Host:
    """A host: programs run on it when they start with `words`, and are found at `address`."""

    name: str
    address: str
    words: Sequence[str] = ()
    process_ids: list[int] = field(default_factory=list)  # each leads its group

    def cut_off(self) -> None:
        """Nothing gets in or out any more, and nobody is told."""
        self._become("down", signal.SIGSTOP)

    def rejoin(self) -> None:
        """It is reachable again."""
        self._become("up", signal.SIGCONT)

    def _become(self, state: str, told: signal.Signals) -> None:
        if self.words:
            _ip("link", "set", "dev", self.name, state)
            return
        for process_id in self.process_ids:
            os.killpg(process_id, told)


@dataclass
class Network:
    """`centre` is where the database and Redis listen."""

    is_real: bool
    centre: str
    hosts: list[Host]


@contextlib.contextmanager
def network(names: Sequence[str]) -> Iterator[Network]:
    """Hosts with these names, gone at the end."""
    bridge = f"tess{os.getpid() % 100_000}"
    with contextlib.ExitStack() as undo:
        try:
            _ip("link", "add", bridge, "type", "bridge")
        except (OSError, subprocess.CalledProcessError):
            yield Network(is_real=False, centre=HERE, hosts=[Host(name, HERE) for name in names])
            return
        undo.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{NETWORK}.1/24", "dev", bridge)
        _ip("link", "set", "dev", bridge, "up")
        hosts = []
        for number, name in enumerate(names, 2):
            outside, space, address = f"{bridge}{name}"[:15], f"{bridge}-{name}", f"{NETWORK}.{number}"
            _ip("netns", "add", space)
            undo.callback(_ip, "netns", "del", space)
            _ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", "dev", outside, "master", bridge, "up")
            inside = ("-n", space)
            _ip(*inside, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip(*inside, "link", "set", "dev", "eth0", "up")
            _ip(*inside, "link", "set", "dev", "lo", "up")
            hosts.append(Host(outside, address, (_program(), "netns", "exec", space)))
        yield Network(is_real=True, centre=f"{NETWORK}.1", hosts=hosts)


def _ip(*words: str) -> None:
    subprocess.run([_program(), *words], check=True, capture_output=True)  # noqa: S603 (found on the path)


def _program() -> str:
    return shutil.which("ip") or "ip"
