"""An archive of one run that may be sent to a stranger, and the list of what it leaves out (SEC-4)."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.pages.masking import masked_snapshot
from pec_autorenew.report.document import run_document
from pec_autorenew.report.history import event_line, renewal_line
from pec_autorenew.report.pseudonyms import NAMED, NAMED_IN_CONFIGURATION, Pseudonyms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pec_autorenew.report.history import RunRecord

SCHEMA: Final = "pec-autorenew/bundle/1"
#: A page's folder: the account's name, a number, and what went wrong.
_EVIDENCE: Final = re.compile(r"(?P<account>.+)-(?P<number>\d\d)-(?P<stem>[\w-]+)")
#: A zip knows no time before this one, and the run's own times stand in its report.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PRIVATE: Final = 0o600 << 16
#: Larger than any text that a run writes.
_LARGEST: Final = 4_000_000
_NEVER: Final = (
    (
        "passwords and other secrets",
        "they are nowhere in what a run keeps; not even the names of their places are here",
    ),
    ("the ledger, and every other run", "the archive is about one run"),
    ("what the portal said in words that are not its guides'", "such words may be somebody's name: each is a «…»"),
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that the archive does not hold."""

    what: str
    why: str


@dataclass(slots=True)
class Bundle:
    """What goes into the archive, by its name there, and what does not."""

    run_id: str
    files: dict[str, str] = field(default_factory=dict)
    #: What each file holds, in words.
    holds: dict[str, str] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    pseudonyms: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, holds: str, text: str) -> None:
        """Put a file in."""
        self.files[name], self.holds[name] = text, holds

    def document(self, path: Path) -> dict[str, Any]:
        """Return what `bundle --json` prints."""
        return {
            "schema": SCHEMA,
            "run_id": self.run_id,
            "file": str(path),
            "inside": [{"file": name, "holds": holds} for name, holds in self.holds.items()],
            "left_out": [{"what": one.what, "why": one.why} for one in self.left_out],
            "pseudonyms": self.pseudonyms,
        }

    def archive(self) -> bytes:
        """Return the archive; the same contents give the same bytes."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in self.files.items():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _PRIVATE
                archive.writestr(entry, text)
        return stream.getvalue()


def bundle_of(record: RunRecord, folder: Path, versions: Mapping[str, str]) -> Bundle:
    """Return what may be told of a run, from the ledger and from what it left in its folder."""
    run, bundle, names = record.run, Bundle(record.run.id), Pseudonyms()
    report = run_document(run) | ({"checks": run.report["checks"]} if run.report and "checks" in run.report else {})
    renewals = [
        renewal_line(one) | {"order_numbers_before": list(one.order_numbers_before), "form": dict(one.form)}
        for one in record.renewals
    ]
    events = [event_line(one, record.all_renewals) for one in record.events]
    for document, named in ((renewals, NAMED), (report, NAMED), (events, NAMED), (run.config, NAMED_IN_CONFIGURATION)):
        names.learn(document, named)
    kept = _evidence(folder, names, bundle)
    for name, holds, document in (
        ("report.json", "the run: its items, totals, exit codes, and where the portal was not recognised", report),
        ("renewals.json", "the renewals that the run touched, as they stand now", renewals),
        ("events.json", "what happened, in its order", events),
    ):
        bundle.add(name, holds, _json(names.told(document)))
    bundle.add(
        "configuration.json", "the configuration in force", _json(names.told(run.config, NAMED_IN_CONFIGURATION))
    )
    made_with = {name: names.text(value) if "/" in value else value for name, value in versions.items()}
    bundle.add("versions.json", "what made this archive, not always what made the run", _json(made_with))
    for path, (name, holds) in kept.items():
        text = path.read_text("utf-8")
        masked = masked_snapshot(text, names.text) + "\n" if name.endswith(".yaml") else names.text(text)
        bundle.add(name, holds, masked)
    bundle.left_out += [LeftOut(what, why) for what, why in _NEVER]
    bundle.pseudonyms = names.counts
    bundle.add("README.txt", "this list", "")
    bundle.files["README.txt"] = _readme(bundle)
    return bundle


def _evidence(folder: Path, names: Pseudonyms, bundle: Bundle) -> dict[Path, tuple[str, str]]:
    """Return the files of the run that may go in, each with its name in the archive; list those that may not."""
    kept: dict[Path, tuple[str, str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        told = _told_name(path.relative_to(folder), names)
        why, holds = _verdict(path)
        names.place(str(path), told if not why else f"{told} (left out)")
        if why:
            bundle.left_out.append(LeftOut(told, why))
        elif holds:
            kept[path] = (told, holds)
    return kept


def _verdict(path: Path) -> tuple[str, str]:
    """Return why a file is left out, or what it holds; neither, where the archive has the same from the ledger."""
    if path.is_symlink() or not path.is_file():
        return "it is no file of its own", ""
    match path.name:
        case "report.json":
            return "", ""
        case "report.html":
            return "it names who is who; what it tells is here, by pseudonym", ""
        case _ if path.suffix == ".png":
            return (
                "a picture shows names and addresses as the portal draws them; the snapshot beside it tells the page",
                "",
            )
        case _ if path.stat().st_size > _LARGEST:
            return "it is larger than anything that a run writes", ""
        case "snapshot.yaml":
            return "", "what stood on a page, by roles and names"
        case "help.txt":
            return "", "what was missing on a page, and what was nearest to it"
        case "first-live-run.md" | "first-live-run.json":
            return "", "the record of an attended walk"
        case _:
            return "no run of this version writes such a file, so nobody knows what it holds", ""


def _told_name(path: Path, names: Pseudonyms) -> str:
    """Return a file's name in the archive: an account's folder has the account's name."""
    parts = []
    for part in path.parts[:-1]:
        match = _EVIDENCE.fullmatch(part)
        who = names.of("account", match["account"]) if match else ""
        parts.append(f"{who}-{match['number']}-{names.text(match['stem'])}" if match else names.text(part))
    return "/".join(("evidence", *parts, names.text(path.name))) if parts else names.text(path.name)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _readme(bundle: Bundle) -> str:
    counts = ", ".join(f"{count} called {kind}-…" for kind, count in bundle.pseudonyms.items()) or "nobody"
    return "\n".join(
        [
            f"One run of pec-autorenew: {bundle.run_id}",
            "",
            "Whoever is named in it goes by a number, the same one throughout, and another one in the next archive:",
            f"{counts}.",
            "Dates, amounts, states and reasons are as they were. Words that neither the portal's guides nor the",
            "program use are a «…».",
            "",
            "Inside:",
            *(f"  {name}: {holds}" for name, holds in bundle.holds.items()),
            "",
            "Left out:",
            *(f"  {one.what}: {one.why}" for one in bundle.left_out),
            "",
            "It was made to be safe to send. Look it through all the same: you know the names that must not be in it.",
            "",
        ]
    )
