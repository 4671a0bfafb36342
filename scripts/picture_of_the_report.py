"""Makes `docs/images/report.png`, `-phone` and `-year`: the page of the demo's run on two screens, and its timeline.

Run it with the project's own Python: `.venv/bin/python scripts/picture_of_the_report.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from pec_autorenew.launching import find_browser

IMAGES = Path(__file__).parent.parent / "docs" / "images"
#: Each with width, height and colours of its screen.
PICTURES = {"report.png": (1000, 1000, "light"), "report-phone.png": (390, 1000, "dark")}


def page_of_the_demo() -> Path:
    """Run the demo and return where the page of its run is."""
    done = subprocess.run(
        [sys.executable, "-m", "pec_autorenew", "demo", "-q"], capture_output=True, text=True, check=True
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Page:")]
    return Path(line.partition(":")[2].strip())


def main() -> None:
    """Run the demo and picture its page."""
    page_file = page_of_the_demo()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser().executable)
        for name, (width, height, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(page_file.as_uri())
            page.screenshot(path=IMAGES / name)
            if scheme == "light":
                page.locator("section.year").screenshot(path=IMAGES / "report-year.png")
        browser.close()


if __name__ == "__main__":
    main()
