"""A recording of the portal (`check-portal --record`), on which the page objects stand without the portal.

Nothing reaches a network: each page is served from the recording's own archive by Playwright's router, and whatever
else is asked for is aborted. The pages are as they stood drawn: they can be read, ticked and filled in, and what is
pressed leads nowhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from pec_autorenew.browser import Session
from pec_autorenew.errors import ConfigError
from pec_autorenew.names import Names
from pec_autorenew.pages.portal_pages import PortalPages
from pec_autorenew.report.recording import ARCHIVE, MANIFEST, ORIGIN, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page, Request

    from pec_autorenew.pages.base import PortalPage

#: Two keys that are one page: the second is reached by «Rinnova caselle».
_SEVERAL: Final = "_several"


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded document: the pages that stand in it, and how often each of their elements was found."""

    name: str
    pages: tuple[str, ...]
    snapshot: str
    found: Mapping[str, Mapping[str, int]]

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"{ORIGIN}/{self.name}"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording: its steps in the order of the walk, and the operator's own names at that time."""

    folder: Path
    #: How the portal was built: pages, frames, components.
    layout: str
    made_on: str
    steps: tuple[Step, ...]
    names: Names

    @classmethod
    def open(cls, folder: Path) -> Recording:
        """Return the recording in a folder. Raises ConfigError for what is none, or of a format not known here."""
        try:
            told: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
            if told["schema"] != SCHEMA:
                raise ConfigError(f"{folder} is a recording of another format: {told['schema']}, not {SCHEMA}")
            steps = tuple(
                Step(one["step"], tuple(one["pages"]), (folder / one["snapshot"]).read_text("utf-8"), one["found"])
                for one in told["pages"]
            )
            located = {key: f"[data-located~='{key}']" for key in told["located"]}
            overrides = {key: tuple(variants) for key, variants in told["names"].items()}
            return cls(folder, told["layout"], told["made_on"], steps, Names(overrides, located))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{folder} is no recording: {MANIFEST} or a file that it names cannot be read") from error

    @property
    def pages(self) -> tuple[str, ...]:
        """The keys of the recorded pages."""
        return tuple(dict.fromkeys(key for step in self.steps for key in step.pages))

    def step_of(self, key: str) -> Step:
        """Return the step that shows most of a page. Raises ConfigError where it was not recorded."""
        steps = [one for one in self.steps if key in one.pages]
        if not steps:
            raise ConfigError(f"{self.folder} has no page {key!r}; it has {', '.join(self.pages)}")
        return max(steps, key=lambda one: sum(one.found[key].values()))


@dataclass  # no slots: Playwright keeps its wrappers of bound handlers on their object
class Replay:
    """A recording played in a browser context, which reaches nothing else from here on."""

    recording: Recording
    pages: PortalPages
    #: What was asked for and is not in the recording: aborted, none of it left the browser.
    aborted: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, page: Page, recording: Recording, *, timeout: float = 5_000) -> Replay:
        """Play it in the context of `page`, which is served nothing but the recording from here on.

        `pages.asking.register` comes first, once for each Playwright.
        """
        serve(page.context, recording)
        replay = cls(recording, PortalPages(Session(page.context, page, timeout), recording.names, ORIGIN))
        return replay.listening()

    def listening(self) -> Self:
        """Hear from here on what is aborted."""
        self.pages.session.context.on("requestfailed", self.note)
        return self

    def note(self, request: Request) -> None:
        """Keep what was asked for and aborted."""
        self.aborted.append(f"{request.method} {request.url}")

    def show(self, key: str) -> PortalPage:
        """Stand on a recorded page and return it. Raises ConfigError where it was not recorded, else as `arrive`."""
        return self.show_step(self.recording.step_of(key), key)

    def show_step(self, step: Step, key: str) -> PortalPage:
        """Stand on the page as it was at one step of the walk."""
        self.pages.base_url = step.address
        self.pages.open()
        page: PortalPage = getattr(self.pages, key.removesuffix(_SEVERAL))
        first: PortalPage = getattr(self.pages, step.pages[0].removesuffix(_SEVERAL))
        self.pages.arrive(first)  # what else stands in the document is a part of that page
        return page


def serve(context: BrowserContext, recording: Recording) -> None:
    """Serve the recording in a browser context, and nothing else: no request reaches a network any more."""
    context.route_from_har(recording.folder / ARCHIVE, not_found="abort")
    context.set_offline(True)
