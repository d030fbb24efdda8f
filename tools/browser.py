"""See that Chromium and the fonts that the browser tests need are there; install Debian's where that is allowed.

Run with the system's Python: the standard library only.
"""

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-noto-cjk", "fonts-thai-tlwg")
NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Return when a Chromium is there, else end with a sentence."""
    if any(shutil.which(name) for name in NAMES):
        return
    install = f"apt-get install -y --no-install-recommends {' '.join(PACKAGES)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"\nThe browser tests need Chromium and there is none. On Debian, as root:\n    {install}\n")
    print("Installing Chromium for the browser tests ...", flush=True)  # noqa: T201 (for the person who waits)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251 (a tool, not the product)
    for words in ("apt-get update", install):
        done = subprocess.run(
            words.split(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env=quiet,
        )
    if done.returncode != 0:
        sys.exit(f"\nChromium could not be installed:\n{done.stdout[-1000:]}\n")


if __name__ == "__main__":
    main()
