"""What the site has beyond the documents themselves: its tree, and the parts that are made from the code.

Documents are read on GitHub, too: there are no directives in them. A list of links in `index.md` (or a `README.md`) is
the tree of what it lists, and `<!-- from the code: NAME -->` is replaced by what `PARTS` makes.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import time, timedelta
from enum import Enum
from os.path import relpath
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sphinx import addnodes

from pec_autorenew.config.models import model_within
from pec_autorenew.config.settings import Config
from pec_autorenew.config.values import Approval, SecretPattern, SecretReference, write_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pydantic import BaseModel
    from sphinx.application import Sphinx

DOCS: Final = Path(__file__).parent
ROOT: Final = DOCS.parent
#: Files of the repository that have a page in the site.
PAGES: Final = {
    "README.md": "docs/readme.md",
    "CONTRIBUTING.md": "docs/contributing.md",
    "CHANGELOG.md": "docs/changes.md",
    "config.example.toml": "docs/reference/configuration.md",
    "docs": "docs/index.md",
    "docs/decisions": "docs/decisions/README.md",
}

#: Tables of which there may be several; what stands in them has no variable.
_LISTS: Final = ("accounts", "accounts.mailboxes", "clients", "notify.channels")
#: Models that a file has as a single value.
_OF_ONE_WORD: Final = frozenset({Approval, SecretPattern, SecretReference})
_PART: Final = re.compile(r"^<!-- from the code: (.+?) -->$", re.MULTILINE)
#: Code, which is left alone, or a link.
_CODE_OR_LINK: Final = re.compile(
    r"^ *```.*?^ *```|`[^`\n]+`|(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]+)?\)",
    re.DOTALL | re.MULTILINE,
)
_LISTED: Final = re.compile(r"^(?:-|\d+\.) \[([^\]]+)\]\(([^)#:\s]+)\.md\)|^## (.+)$", re.MULTILINE)


# -- links and tree -----------------------------------------------------------------------------------------------


def relinked(text: str, source: str, page: str) -> str:
    """Return a document's text with its links as they are right from `page`; both are paths in the repository.

    What has no place in the site keeps its words and loses its link.
    """

    def link(found: re.Match[str]) -> str:
        if found[3] is None:
            return found[0]
        mark, words, target, anchor = found[1], found[2], found[3], found[4] or ""
        path = relpath((ROOT / source).parent / target, ROOT).replace("\\", "/")
        path = PAGES.get(path, path)
        if (path == page and not anchor) or not path.startswith("docs/") or (ROOT / path).is_dir():
            return words
        return f"{mark}[{words}]({relpath(path, PurePosixPath(page).parent)}{anchor})"

    return _CODE_OR_LINK.sub(link, text)


def listed(text: str) -> dict[str, dict[str, str]]:
    """Return the documents that a list of links names, with the links' words, by the heading they stand under."""
    found: dict[str, dict[str, str]] = {}
    heading = ""
    for words, document, title in _LISTED.findall(text):
        if title:
            heading = title
        else:
            found.setdefault(heading, {})[document] = words
    return found


def is_list(name: str) -> bool:
    """Whether the document of this name is a list of others."""
    return PurePosixPath(name).name in {"index", "README"}


def unlisted() -> list[str]:
    """Return the documents that no list names."""
    names = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    for name in sorted(filter(is_list, names.copy())):
        folder = PurePosixPath(name).parent
        for documents in listed((DOCS / f"{name}.md").read_text("utf-8")).values():
            names -= {(folder / document).as_posix() for document in documents}
    return sorted(names - {"index"})


def tree(name: str, text: str) -> str:
    """Return the hidden tables of contents that a list of links stands for; what nobody lists comes last."""
    groups = listed(text)
    lines: list[str] = []
    for caption, documents in groups.items():
        head = [f":caption: {caption}"] if name == "index" else []
        lines += ["", "```{toctree}", ":hidden:", *head, ""]
        lines += [*(f"{words} <{document}>" for document, words in documents.items()), "```"]
    if name == "index" and (others := unlisted()):
        lines += ["", "```{toctree}", ":hidden:", ":caption: More", "", *others, "```"]
    return "\n".join(lines) + "\n"


# -- parts --------------------------------------------------------------------------------------------------------


def exit_codes() -> str:
    """Return the exit codes, in the words of the module that gives them."""
    from sphinx.pycode import ModuleAnalyzer

    from pec_autorenew import results

    said = ModuleAnalyzer.for_module("pec_autorenew.results").find_attr_docs()
    codes = {name: value for _, name in said if type(value := getattr(results, name, None)) is int}
    rows = []
    for name, code in sorted(codes.items(), key=lambda one: one[1]):
        rank = str(results.WORST_FIRST.index(code) + 1) if code in results.WORST_FIRST else "–"
        rows.append((str(code), f"`{name}`", " ".join(said["", name]).strip(), rank))
    return table(("code", "name", "meaning", "rank"), rows)


def reasons() -> str:
    """Return every reason that has words, with what is said of it to people in both languages."""
    from pec_autorenew.advice import ADVICE
    from pec_autorenew.notify.en import MORE
    from pec_autorenew.notify.it import WORDS

    rows = []
    for reason in dict.fromkeys((*WORDS, *ADVICE, *MORE)):
        advice = MORE.get(reason) or ADVICE.get(reason, "–")
        rows.append(
            (f"[`{reason}`]{{#{reason}}}", _filled(advice), _filled(WORDS[reason][0]) if reason in WORDS else "–")
        )
    return table(("reason", "what to do", "in Italian"), rows)


def motivi() -> str:
    """Return what is said in Italian of every reason, and what to do about it."""
    from pec_autorenew.notify.it import WORDS

    rows = [(f"[`{reason}`]{{#{reason}}}", _filled(what), _filled(do) or "–") for reason, (what, do) in WORDS.items()]
    return table(("motivo", "che cosa è successo", "che cosa fare"), rows)


def _filled(text: str) -> str:
    for name, value in {"{account}": "ACCOUNT", "{id}": "ID", "{portal}": "portal.base_url"}.items():
        text = text.replace(name, value)
    return text


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def configuration() -> str:
    """Return every option: its place, its default and its variable from the models, its meaning from the example."""
    blocks = _blocks((ROOT / "config.example.toml").read_text("utf-8"))
    tables = dict(_tables("", Config))
    lines: list[str] = []
    for place, fields in tables.items():
        head = f"[[{place}]]" if place in _LISTS else f"[{place}]"
        lines += ["", f"## {head if place else 'Outside any table'}", ""]
        if fields:
            lines += [table(("option", "default", "variable"), [_option(place, *field) for field in fields])]
        for name, block in blocks.items():
            if name == place or (name not in tables and name.rpartition(".")[0] == place):
                lines += ["```toml", block, "```", ""]
    return "\n".join(lines) + "\n"


def _blocks(example: str) -> dict[str, str]:
    """Return the example by its tables, each with all that is said of it."""
    blocks, place = {"": ""}, ""
    for paragraph in example.strip().split("\n\n")[1:]:  # the first is about the file itself
        found = re.search(r"^(?:# )?\[{1,2}([a-z_.]+)\]{1,2}$", paragraph, re.MULTILINE)
        place = found[1] if found else place
        blocks[place] = f"{blocks[place]}\n\n{paragraph}" if blocks.get(place) else paragraph
    return blocks


def _tables(place: str, model: type[BaseModel]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield every table with its options: their names, and their defaults as one would write them."""
    own, inner = [], []
    for name, field in model.model_fields.items():
        found = model_within(field.annotation)
        if found is not None and found not in _OF_ONE_WORD:
            inner.append((name, found))
        elif name != "mandate":
            own.append(
                (name, "required" if field.is_required() else _written(field.get_default(call_default_factory=True)))
            )
    yield place, own
    for name, found in inner:
        yield from _tables(f"{place}.{name}".lstrip("."), found)
    if not place:
        yield "mandate", [(name, "required") for name in ("given_by", "given_on", "accept")]


def _option(place: str, name: str, default: str) -> tuple[str, str, str]:
    """Return an option's row; what stands in a list of tables has no variable."""
    in_list = any(place == each or place.startswith(f"{each}.") for each in _LISTS)
    variable = "–" if in_list else "`PEC_AUTORENEW_" + "__".join(filter(None, (*place.split("."), name))).upper() + "`"
    return f"`{name}`", default, variable


def _written(value: object) -> str:
    """Return a default as one would write it."""
    match value:
        case None:
            return "–"
        case bool():
            return f"`{str(value).lower()}`"
        case Enum():
            return f'`"{value.value}"`'
        case timedelta():
            return f'`"{write_duration(value)}"`'
        case time():
            return f'`"{value:%H:%M}"`'
        case dict():
            return "–"
        case tuple():
            return "`[" + ", ".join(_written(one).strip("`") for one in value) + "]`"
        case int():
            return f"`{value}`"
        case _:
            return f'`"{value}"`'


def modules(package: str) -> str:
    """Return a section for every module of a package, to be filled from its docstrings."""
    try:
        found = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        return "This version has none.\n"
    names = [package, *(f"{package}.{one.name}" for one in pkgutil.iter_modules(found.__path__))]
    lines: list[str] = []
    for name in names:
        title = name.removeprefix("pec_autorenew.")
        lines += ["", f"## {title}", "", "```{eval-rst}", f".. automodule:: {name}", "```"]
    return "\n".join(lines) + "\n"


def command_line() -> str:
    """Return the whole command line, as `--help` says it."""
    return "```{eval-rst}\n.. click:: pec_autorenew.cli:cli\n   :prog: pec-autorenew\n   :nested: full\n```\n"


def states() -> str:
    """Return the states of a renewal and where each can lead."""
    from pec_autorenew.states import TRANSITIONS

    rows = [(f"`{one}`", ", ".join(f"`{other}`" for other in sorted(to)) or "–") for one, to in TRANSITIONS.items()]
    return table(("state", "can become"), rows)


PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "command line": command_line,
    "configuration": configuration,
    "exit codes": exit_codes,
    "motivi": motivi,
    "reasons": reasons,
    "states": states,
}


def part(name: str, page: str) -> str:
    """Return what stands in the place of a mark; KeyError where there is no such part."""
    kind, _, what = name.partition(" of ")
    if kind == "modules":
        return modules(what)
    if kind == "text":
        return relinked((ROOT / what).read_text("utf-8"), what, page)
    return PARTS[name]()


# -- Sphinx -------------------------------------------------------------------------------------------------------


def on_source_read(_app: Sphinx, name: str, source: list[str]) -> None:
    """Make a document of the repository a page of the site."""
    page = f"docs/{name}.md"
    text = relinked(source[0], page, page)
    text = _PART.sub(lambda found: part(found[1], page), text)
    source[0] = text + tree(name, source[0]) if is_list(name) else text


def on_page_context(_app: Sphinx, name: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Say of the Italian pages that they are Italian."""
    if name.startswith("it/"):
        context["language"] = "it"


def on_described(_app: Sphinx, _domain: str, _kind: str, content: Any) -> None:  # noqa: ANN401 - docutils has no types
    """Leave out what a constant holds: it is in the code, and may be as long as a page."""
    for signature in content.parent.findall(addnodes.desc_signature):
        for part in list(signature.findall(addnodes.desc_annotation)):
            if part.astext().lstrip().startswith("="):
                part.parent.remove(part)


def setup(app: Sphinx) -> dict[str, Any]:
    """Join Sphinx."""
    app.connect("source-read", on_source_read)
    app.connect("object-description-transform", on_described)
    app.connect("html-page-context", on_page_context)
    return {"parallel_read_safe": True}
