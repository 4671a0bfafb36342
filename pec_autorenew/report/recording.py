"""A recording of a walk: what the page objects need to be run without the portal, and nothing of anybody's (SEC-4).

A folder with an archive of the pages (HAR, served by Playwright's own router), each page as HTML and as accessibility
snapshot, and a manifest. What was seen is in memory until it has been told anew with invented people; only that is
written, to a private folder beside the wanted one, looked through for everything that is known of the customer, and
moved into place. In doubt nothing is kept.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew import __version__
from pec_autorenew.checks import PAGES
from pec_autorenew.errors import NotRecordable
from pec_autorenew.pages.masking import masked_snapshot
from pec_autorenew.report.redaction import Redaction, holds, told_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from pec_autorenew.checks import Drawn, Looks
    from pec_autorenew.model import Survey

SCHEMA: Final = "pec-autorenew/recording/1"
MANIFEST: Final = "manifest.json"
ARCHIVE: Final = "pages.har"
#: Where the pages of every recording stand; nobody has that name, and nothing is asked of it.
ORIGIN: Final = "https://portale.example"
#: A shorter cookie opens nothing: it says «true», or a language.
_SHORTEST_KEY: Final = 8
#: Elements by which a page that is drawn in the browser gives itself away.
_COMPONENTS: Final = "components"


@dataclass(frozen=True, slots=True)
class Walked:
    """What a recording is made of."""

    looks: Looks
    surveys: Sequence[Survey]
    #: The account's user name, and what else is the operator's own.
    own: frozenset[str]
    #: The operator's names for elements, and the elements that they find by a selector.
    names: Mapping[str, Sequence[str]]
    located: Sequence[str]
    made_at: datetime


def require_free(folder: Path) -> None:
    """Raise NotRecordable where something stands already, or nothing can be written."""
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise NotRecordable(f"{folder} exists already: a recording is made once, into a folder of its own")
    if not folder.absolute().parent.is_dir():
        raise NotRecordable(f"{folder.absolute().parent} is no folder")


def write_recording(folder: Path, walked: Walked) -> int:
    """Write the recording; return how many pages it has. Raises NotRecordable, and then nothing is kept."""
    require_free(folder)
    if not walked.looks.drawn:
        raise NotRecordable("the walk came to no page that could be recorded")
    files = _files(walked)
    own = told_apart(_everything_of(walked))
    if any(holds(content.encode(), own) for content in (*files.values(), *files)):
        raise NotRecordable("something of the customer's own would still stand in the recording: nothing is kept")
    try:
        with _private_beside(folder) as fresh:
            for name, content in files.items():
                path = fresh / name
                path.touch(mode=0o600)
                path.write_text(content, encoding="utf-8", newline="")
            if folder.exists():
                folder.rmdir()
            os.replace(fresh, folder)  # noqa: PTH105 - its promise is that it is one step
    except OSError as error:
        raise NotRecordable(f"{folder} could not be written: {error.strerror}") from error
    return len(walked.looks.drawn)


@contextmanager
def _private_beside(folder: Path) -> Iterator[Path]:
    """Give an empty folder of the user's own; what is left of it is removed."""
    fresh = folder.absolute().parent / f".{folder.name}.{secrets.token_hex(4)}"
    fresh.mkdir(mode=0o700)
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _everything_of(walked: Walked) -> set[str]:
    boxes = {box.address for survey in walked.surveys for box in survey.mailboxes}
    keys = {key for key in walked.looks.keys if len(key) >= _SHORTEST_KEY}
    return {*boxes, *walked.own, *walked.looks.personal, *keys, *_numbers(walked)}


def _numbers(walked: Walked) -> set[str]:
    return {number for survey in walked.surveys for number in survey.order_numbers()}


def _files(walked: Walked) -> dict[str, str]:
    """Return the files of a recording, by name."""
    # By the order in which they are listed: the first mailbox is the first invented one.
    addresses = [box.address for survey in walked.surveys for box in survey.mailboxes]
    words = [word for variants in walked.names.values() for word in variants]
    redaction = Redaction(walked.looks.personal | walked.own, addresses, _numbers(walked), words)
    files: dict[str, str] = {}
    steps = []
    for number, drawn in enumerate(walked.looks.drawn, 1):
        step = f"{number:02d}-{drawn.pages[0]}"
        files[f"{step}.html"] = redaction.document(drawn.tree, PAGES[drawn.pages[0]])
        files[f"{step}.yaml"] = masked_snapshot(drawn.snapshot, redaction.text) + "\n"
        steps.append(
            {
                "step": step,
                "pages": drawn.pages,
                "file": f"{step}.html",
                "snapshot": f"{step}.yaml",
                "found": drawn.found,
            }
        )
    manifest = {
        "schema": SCHEMA,
        "made_on": walked.made_at.date().isoformat(),
        "client": __version__,
        "layout": _layout(walked.looks.drawn),
        "names": {key: list(variants) for key, variants in walked.names.items()},
        "located": list(walked.located),
        "pages": steps,
    }
    files[MANIFEST] = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    files[ARCHIVE] = json.dumps(_archive(steps, walked.made_at), indent=1) + "\n"
    return files


def _layout(drawn: Sequence[Drawn]) -> str:
    """Return how the portal seems to be built: elements of its own with shadow roots, inner frames, or plain pages."""
    nodes = [node for one in drawn for node in _nodes(one.tree)]
    if any(node[3] is not None for node in nodes):
        return _COMPONENTS
    return "frames" if any(node[5] is not None for node in nodes) else "pages"


def _nodes(node: str | list[Any]) -> Iterator[list[Any]]:
    if isinstance(node, str):
        return
    yield node
    for child in (*node[2], *(node[3] or ()), *([node[5]] if node[5] else ())):
        yield from _nodes(child)


def _archive(steps: Sequence[Mapping[str, Any]], made_at: datetime) -> dict[str, Any]:
    """Return the HAR: each page at an address of its own, its content beside the archive."""
    day = f"{made_at.date().isoformat()}T00:00:00.000Z"

    def page(step: Mapping[str, Any]) -> dict[str, Any]:
        return {"startedDateTime": day, "id": step["step"], "title": step["pages"][0], "pageTimings": {}}

    def entry(step: Mapping[str, Any]) -> dict[str, Any]:
        bare = {"httpVersion": "HTTP/1.1", "cookies": [], "headersSize": -1, "bodySize": -1}
        kind = "text/html; charset=utf-8"
        return {
            "pageref": step["step"],
            "startedDateTime": day,
            "time": 0,
            "request": {"method": "GET", "url": f"{ORIGIN}/{step['step']}", "headers": [], "queryString": [], **bare},
            "response": {
                "status": 200,
                "statusText": "OK",
                "headers": [{"name": "content-type", "value": kind}],
                "content": {"size": -1, "mimeType": kind, "_file": step["file"]},
                "redirectURL": "",
                **bare,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 0, "receive": 0},
        }

    creator = {"name": "pec-autorenew", "version": __version__}
    return {
        "log": {"version": "1.2", "creator": creator, "pages": [*map(page, steps)], "entries": [*map(entry, steps)]}
    }
