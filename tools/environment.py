"""Make the virtual environment and install the pinned libraries into it, or say in a sentence what is missing.

Run with the system's Python, before anything is installed: the standard library only.
"""

import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
VENV = Path(__file__).parent.parent / ".venv"
OFFLINE = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "Connection refused",
    "NewConnectionError",
    "timed out",
    "getaddrinfo failed",
)


def main(files: list[str]) -> None:
    """Leave .venv with everything that `files` pin."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        end(f"Python {found} is too old: Tessera needs 3.11 or newer. Try: make PYTHON=python3.12 demo")
    if not (VENV / "bin" / "pip").exists():
        make_venv()
    print(f"Installing what {' and '.join(files)} name ...", flush=True)  # noqa: T201 (for the person who waits)
    words = [str(VENV / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    done = run([*words, *(word for file in files for word in ("-r", file))])
    if done.returncode != 0:
        end(why_not_installed(done.stdout))


def make_venv() -> None:
    """A fresh .venv with pip in it."""
    done = run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if done.returncode == 0:
        return
    if "ensurepip" in done.stdout or "No module named venv" in done.stdout:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        end(
            f"Python's venv module is not whole here. On Debian or Ubuntu install it with\n"
            f"    apt-get install python3-venv        (or python{version}-venv)\n"
            f"or name another Python: make PYTHON=/path/to/python3 demo",
        )
    end(f"The virtual environment could not be made in {VENV}:\n{done.stdout[-1000:]}")


def why_not_installed(output: str) -> str:
    """The sentence for a pip that failed."""
    if any(sign in output for sign in OFFLINE):
        return (
            "pip cannot reach the package index. Check the network (or pip's proxy and index settings) and try again."
        )
    if "No space left" in output:
        return "The disk is full: the libraries need about 400 MB. Make room and try again."
    return f"pip could not install the libraries:\n{output[-2000:]}"


def run(words: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run a program and keep what it says."""
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def end(sentence: str) -> None:
    """Stop with a sentence."""
    sys.exit(f"\n{sentence}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
