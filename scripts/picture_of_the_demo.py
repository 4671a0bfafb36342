"""Makes `docs/images/demo.png`: what `make demo` shows on a terminal, as a picture.

Run it with the project's own Python: `.venv/bin/python scripts/picture_of_the_demo.py`.
"""

from __future__ import annotations

import os
import pty
import re
import struct
import sys
import termios
from fcntl import ioctl
from pathlib import Path
from subprocess import Popen

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from pec_autorenew.launching import find_browser

WIDTH, HEIGHT = 116, 60
PICTURE = Path(__file__).parent.parent / "docs" / "images" / "demo.png"


def shown_by_the_demo() -> str:
    """Run the demo on a terminal of its own and return what stands there at the end."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    with Popen([sys.executable, "-m", "pec_autorenew", "demo"], stdout=slave, stderr=slave, env=environment):
        os.close(slave)
        shown = b""
        try:
            while chunk := os.read(master, 65536):
                shown += chunk
        except OSError:
            pass  # the terminal ends with the process
    lines = shown.decode().replace("\r\n", "\n").split("\n")
    final = (re.split(r"\r|\x1b\[1A|\x1b\[2K", line)[-1] for line in lines)
    return "\n".join(line for line in final if not re.sub(r"\x1b\S*?m", "", line).rstrip().endswith("…"))


def main() -> None:
    """Run the demo and picture it."""
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - it has no path
    console.print(Text.from_ansi(shown_by_the_demo()))
    svg = console.export_svg(title="make demo")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser().executable)
        page = browser.new_page(viewport={"width": 1200, "height": 400})
        page.set_content(f"<body style='margin:0'>{svg}</body>")
        page.locator("svg").first.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
