"""The documentation site: it builds without a warning, whole, and its pages need nobody else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cached_property
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urldefrag, urlsplit

import click

from docs import diagrams, from_code
from pec_autorenew import results
from pec_autorenew.cli import cli
from pec_autorenew.config.models import model_within
from pec_autorenew.config.settings import Config
from pec_autorenew.config.values import Approval, SecretPattern, SecretReference
from pec_autorenew.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest
    from pydantic import BaseModel

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = sorted(path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md"))
#: What `make site` does.
ARGUMENTS: Final = (sys.executable, "-m", "sphinx", "-b", "html", "-E", "-W", "--keep-going", "-q")
#: What makes a browser load something by itself; a link does not.
LOADING: Final = {"src", "srcset", "poster", "data", "action", "formaction", "background"}
#: In styles and scripts: an address that is fetched.
FETCHED: Final = re.compile(r"""(?:@import|url\(|import\(|import\s|fetch\(|from\s)\s*["'(]*(?:https?:)?//[^"')\s]+""")


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of one element."""
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if name == "lang" and tag == "html":
                self.language = value or ""
            if name in LOADING or (name == "href" and tag == "link"):
                self.loads.append(value or "")
            elif name == "href" and tag == "a" and value:
                self.links.append(value)


class Site:
    """A site that was built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Every page, by its path."""
        return {
            path.relative_to(self.folder).as_posix(): Page(path.read_text("utf-8"))
            for path in sorted(self.folder.rglob("*.html"))
        }

    def text(self, name: str) -> str:
        """Return what a reader of a page reads."""
        text = (self.folder / f"{name}.html").read_text("utf-8")
        return " ".join(unescape(re.sub(r"<[^>]+>", "", text[text.index("<article") :])).split())


@contextmanager
def built() -> Iterator[Site]:
    """Build the site, with every warning as an error and nobody to be asked on the network; nothing of it is kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = subprocess.run(  # noqa: S603 - our own documents
            [*ARGUMENTS, "-d", f"{folder}/trees", f"{ROOT}/docs", f"{folder}/html"],
            env={"PATH": os.environ["PATH"], "HOME": name, "https_proxy": "http://127.0.0.1:9", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield Site(folder / "html")


def dead_links(site: Site) -> list[str]:
    """Return the links that lead nowhere, or to no such place on their page."""
    dead = []
    for name, page in site.pages.items():
        for link in (*page.links, *page.loads):
            address, anchor = urldefrag(link)
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            path = (site.folder / name).parent / unquote(parts.path) if parts.path else site.folder / name
            target = os.path.relpath(path.resolve(), site.folder.resolve())
            if not path.is_file() or (anchor and unquote(anchor) not in site.pages[target].ids):
                dead.append(f"{name}: {link}")
    return dead


def loaded_from_elsewhere(site: Site) -> list[str]:
    """Return what a page would fetch from somebody else: scripts, styles, fonts, pictures."""
    foreign = [
        f"{name}: {address}" for name, page in site.pages.items() for address in page.loads if urlsplit(address).netloc
    ]
    for path in (*site.folder.rglob("*.html"), *site.folder.rglob("*.css"), *site.folder.rglob("*.js")):
        foreign += [f"{path.name}: {found}" for found in FETCHED.findall(path.read_text("utf-8"))]
    return foreign


def outside_the_tree(site: Site) -> list[str]:
    """Return the documents to which the tables of contents do not lead."""
    sidebar = (site.folder / "index.html").read_text("utf-8").split('class="sidebar-tree"')[1].split("</aside>")[0]
    shown = {address.removesuffix(".html") for address in re.findall(r'href="([^"#:]+\.html)"', sidebar)}
    return sorted({path.as_posix() for path in DOCUMENTS} - {"index"} - shown)


def in_the_wrong_language(site: Site) -> list[str]:
    """Return the pages that do not say in which language they are, for whoever has them read aloud."""
    return [
        f"{name}: {page.language}"
        for name, page in site.pages.items()
        if page.language != ("it" if name.startswith("it/") else "en")
    ]


def missing_from_the_command_line(site: Site) -> list[str]:
    """Return what `--help` says and the reference does not."""
    text = site.text("reference/command-line")
    missing = []
    for command in cli.commands.values():
        for one in (command, *getattr(command, "commands", {}).values()):
            options = [option for option in one.params if isinstance(option, click.Option)]
            wanted = [one.name or "", *(name for option in options for name in option.opts)]
            wanted += [" ".join((option.help or "").replace("`", "").split()) for option in options]
            missing += [f"{one.name}: {word}" for word in wanted if word not in text]
    return missing


def missing_from_the_api(site: Site) -> list[str]:
    """Return the classes of pages and the flows that the reference does not have, with what their docstrings say."""
    wanted = {
        "reference/pages": ("class CasellePage(", "class ModuloOrdinePage(", "The mailboxes behind «Gestisci»"),
        "reference/flows": ("place_order(", "prepare_renewal(", "Open the portal and sign in as"),
    }
    return [
        f"{name}: {words}" for name, all_words in wanted.items() for words in all_words if words not in site.text(name)
    ]


CHECKS: Final = (
    dead_links,
    loaded_from_elsewhere,
    outside_the_tree,
    in_the_wrong_language,
    missing_from_the_command_line,
    missing_from_the_api,
)


def test_site_is_built_whole_and_needs_nobody() -> None:
    """It builds without a warning; every link arrives, nothing is fetched, every document and option is there."""
    with built() as site:
        assert {check.__name__: found for check in CHECKS if (found := check(site))} == {}
        assert sum(len(page.links) for page in site.pages.values()) > 1000
        assert site.pages["index.html"].loads
        assert "(el) =>" not in site.text("reference/pages"), "what a constant holds is no reference"
        assert '"it/primo-rinnovo"' in (site.folder / "searchindex.js").read_text("utf-8")


def test_site_configuration_has_every_option() -> None:
    """CFG-1: each key of the models has its row, in its own table, with its default and its variable."""

    def keys(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[str]:
        for name, field in model.model_fields.items():
            inner = model_within(field.annotation)
            if inner is None or inner in {SecretPattern, SecretReference, Approval}:
                yield ".".join((*path, name))
            else:
                yield from keys(inner, (*path, name))

    rows: dict[str, str] = {}
    for table in re.split(r"^## ", from_code.configuration(), flags=re.MULTILINE)[1:]:
        place = f"{table.partition(']')[0].lstrip('[')}." if table.startswith("[") else ""
        rows |= {place + key: row for key, row in re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)}
    assert set(keys(Config)) - {"mandate"} == rows.keys() - {"mandate.given_by", "mandate.given_on", "mandate.accept"}
    assert rows["browser.visit_deadline"] == '`"10 min"` | `PEC_AUTORENEW_BROWSER__VISIT_DEADLINE`'
    assert rows["renewal.approval"] == '`"none"` | `PEC_AUTORENEW_RENEWAL__APPROVAL`'
    assert rows["accounts.name"] == "required | –"
    assert not [key for key, row in rows.items() if "Undefined" in row or "object" in row]
    assert rows["notify.ladder"] == "`[30, 15, 7, 3, 1]` | `PEC_AUTORENEW_NOTIFY__LADDER`"


def test_chart_of_bars_is_drawn_and_any_other_diagram_is_told() -> None:
    """The one chart of docs/scaling.md can be seen in the site; a diagram that nobody draws can be read."""
    scaling = (ROOT / "docs/scaling.md").read_text("utf-8")
    charts = re.findall(r"^```mermaid\n(.*?)^```", scaling, re.DOTALL | re.MULTILINE)
    assert charts
    assert all("<svg" in diagrams.drawn(chart) for chart in charts)
    assert diagrams.drawn("flowchart LR\n  a --> b") == '<pre class="diagram">flowchart LR\n  a --&gt; b</pre>'


def test_site_configuration_shows_the_whole_example() -> None:
    """No table of the example is left out, however it is written."""
    example = (ROOT / "config.example.toml").read_text("utf-8")
    made = from_code.configuration()
    assert [line for line in example.split("\n\n", 1)[1].splitlines() if line not in made] == []


def test_site_exit_codes_are_those_of_the_program() -> None:
    """Each code that the program can end with has its words in English, and a row in Italian."""
    codes = {*results.WORST_FIRST, results.OK, results.USAGE}
    for text in (from_code.exit_codes(), (ROOT / "docs/it/se-si-ferma.md").read_text("utf-8")):
        assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == codes


def test_reference_has_every_outcome() -> None:
    """Whoever reads a run's JSON finds each word of `outcome` explained."""
    text = (ROOT / "docs/reference/exit-codes.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == {one.value for one in Outcome}


def test_site_motivi_are_those_that_are_told() -> None:
    """What the Italian page says of a reason is what a message says of it."""
    from pec_autorenew.notify.it import WORDS

    made = from_code.motivi()
    assert all(f"[`{reason}`]{{#{reason}}} | {what} |" in made for reason, (what, _) in WORDS.items())
    assert "{" not in re.sub(r"\]\{#[a-z-]+\}", "", made)


def test_links_to_what_has_no_page_lose_the_link_and_keep_the_words() -> None:
    """A document may point into the repository: on GitHub that leads there, and the site has no dead link of it."""
    pairs = {
        "[a](../scripts/setup.sh)": "a",
        "[b](../README.md#two-commands)": "[b](readme.md#two-commands)",
        "[c](hooks.md)": "[c](hooks.md)",
        "`[d](../scripts)`": "`[d](../scripts)`",
        "![e](images/demo.png)": "![e](images/demo.png)",
        "[`f`](../README.md)": "[`f`](readme.md)",
        "[g](operating.md)": "g",
    }
    told = from_code.relinked(", ".join(pairs), "docs/operating.md", "docs/operating.md")
    assert told == ", ".join(pairs.values())
    assert from_code.relinked("[c](docs/hooks.md)", "README.md", "docs/readme.md") == "[c](hooks.md)"


def test_new_document_that_no_list_names_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds a document breaks no build: it stands under «More» until somebody lists it."""
    monkeypatch.setattr(from_code, "DOCS", tmp_path)
    index = "# I\n\n## How-to\n\n- [One](one.md): first.\n"
    for name, text in {"index": index, "one": "# 1\n", "new": "# 2\n"}.items():
        (tmp_path / f"{name}.md").write_text(text, "utf-8")
    tree = from_code.tree("index", index)
    assert re.findall(r":caption: (.+)\n\n((?:.+\n)+?)```", tree) == [("How-to", "One <one>\n"), ("More", "new\n")]
