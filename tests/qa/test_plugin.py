"""What the plugin does to a run: nothing, until an option names a portal; and what its document promises."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from pydantic import SecretStr

from pec_autorenew.mock_portal import CHANGES
from pec_autorenew.mock_portal.scenarios import SINGLE, STUDIO
from pec_autorenew.model import Mailbox, MailboxState, PortalAutorenewal, Survey
from pec_autorenew.qa import Visitor, plugin
from pec_autorenew.qa.setting import require_sound_options
from pec_autorenew.qa.target import NotSaid, Target, is_live, ordering_origins, reference_from
from tests.qa.suite import ROOT, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pec_autorenew.pages.portal_pages import PortalPages

DOCUMENT: Final = (ROOT / "docs" / "qa.md").read_text("utf-8")
PLAIN: Final = "def test_nothing():\n    pass\n"


def _written(folder: Path, text: str) -> Path:
    (folder / "test_it.py").write_text(textwrap.dedent(text), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    return folder


class Said:
    """Options as somebody gave them; the others as they are without."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options: dict[str, Any] = {"base-url": "", "scenario": [], "layout": [], "login-origin": []}
        self.options |= {"allow-orders": [], "recording": [], **options}

    def getoption(self, name: str) -> Any:  # noqa: ANN401 - as pytest has it
        """Return what was said."""
        return self.options[name.removeprefix("--pec-")]


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve a mock portal that was drawn by another hand, as a user does, and give its address."""
    drawn = getattr(request, "param", ("--scenario", "single", "--chaos", "5"))
    command = (sys.executable, "-m", "pec_autorenew", "mock-portal", "serve", *drawn)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        first = process.stdout.readline()
        yield re.findall(r"http://\S+", first)[0]
        process.terminate()
        process.communicate()


@pytest.mark.timeout(300)
def test_example_of_the_document_runs_against_a_served_portal(tmp_path: Path, served: str) -> None:
    """Issue 8: the ten lines of docs/qa.md are a test that passes on `mock-portal serve`, by --pec-base-url."""
    example = re.findall(r"```python\n(from pec_autorenew\.qa .*?)```", DOCUMENT, re.DOTALL)
    assert len(example) == 1
    assert len(example[0].splitlines()) <= 12
    report = run(
        _written(tmp_path, example[0]),
        tmp_path / "report.xml",
        f"--pec-base-url={served}",
        environ={"PEC_QA_USERNAME": SINGLE.username, "PEC_QA_PASSWORD": SINGLE.password},
    )
    assert report.outcomes() == {"test_two_years_by_bank_transfer[chromium]": "passed"}, report.output
    assert SINGLE.password not in report.output


@pytest.mark.torture
@pytest.mark.timeout(300)
@pytest.mark.parametrize("served", [("--scenario", "demo", "--layout", "g2", "--chaos", "4")], indirect=True)
def test_holder_s_page_is_reached_where_the_invoice_s_data_stand_on_it_as_its_heading(
    tmp_path: Path, served: str
) -> None:
    """A page that is two of the documented ones is each of them, whichever comes first to the eye."""
    both = "def test_{0}({0}):\n    assert {0}.name\n"
    report = run(
        _written(tmp_path, both.format("dati_intestatario") + both.format("dati_fatturazione")),
        tmp_path / "report.xml",
        f"--pec-base-url={served}",
        environ={"PEC_QA_USERNAME": STUDIO.username, "PEC_QA_PASSWORD": STUDIO.password},
    )
    assert set(report.outcomes().values()) == {"passed"}, report.output


class InFrontOfALongList(Visitor):
    """Sees one mailbox, which cannot be renewed; the others stand on further pages and tabs."""

    SHOWN: Final = Mailbox("a@pec.example", date(2026, 12, 1), MailboxState.ACTIVE, None, PortalAutorenewal.ON, False)  # noqa: FBT003
    NEXT: Final = replace(SHOWN, address="b@pec.example", expiry=date(2027, 1, 1), renewable=True, tab="others")
    LAST: Final = replace(NEXT, address="c@pec.example", expiry=date(2027, 2, 1))

    def __init__(self) -> None:
        self.target = Target("http://127.0.0.1:9/", (), 1, environ={})

    def list(self) -> PortalPages:
        """Show the first page."""
        return cast("PortalPages", SimpleNamespace(caselle=SimpleNamespace(read_mailboxes=lambda: [self.SHOWN])))

    def survey(self) -> Survey:
        """Show everything."""
        return Survey(
            "qa", datetime(2026, 11, 26, tzinfo=UTC), (self.SHOWN, self.LAST, self.NEXT), (), orders_visible=False
        )


def test_mailbox_that_is_not_in_sight_is_looked_for_on_the_whole_list() -> None:
    """Issue 8.1: whose first page has nothing to renew, or who names another mailbox, can walk to the form as well."""
    visitor = InFrontOfALongList()
    assert [one.address for one in visitor.want().mailboxes] == ["b@pec.example"]
    assert [(one.address, one.tab) for one in visitor.want("C@pec.example").mailboxes] == [("c@pec.example", "others")]


def test_run_without_a_portal_is_left_alone(tmp_path: Path) -> None:
    """A run that names no portal loads nothing of the kit but the plugin's own modules."""
    script = (
        "import sys, pytest\n"
        "code = pytest.main(['-q', '-p', 'no:cacheprovider', '-p', 'no:playwright', '-p', 'no:randomly', '.'])\n"
        "assert not code, code\n"
        "assert 'pec_autorenew.qa.plugin' in sys.modules\n"
        "loaded = [name for name in sys.modules if name.startswith('pec_autorenew.')]\n"
        "known = {'pec_autorenew.qa', 'pec_autorenew.qa.plugin', 'pec_autorenew.qa.looks'}\n"
        "sys.exit(' '.join({*loaded} - known) or None)\n"
    )
    done = subprocess.run(  # noqa: S603 - this test's own script
        [sys.executable, "-c", script], cwd=_written(tmp_path, PLAIN), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_fixture_without_a_portal_says_what_is_missing(tmp_path: Path) -> None:
    """A test of the kit in a run that names no portal fails, and the reason names both options."""
    report = run(_written(tmp_path, "def test_it(pec_target):\n    pass\n"), tmp_path / "report.xml")
    (case,) = report.cases.values()
    assert case.outcome == "error"
    assert "--pec-base-url URL, or --pec-scenario NAME" in case.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base-url": "https://portal.example", "scenario": ["demo"]}, "two portals: name one of them"),
        ({"base-url": "https://portal.example", "layout": ["g2"]}, "it goes with --pec-scenario"),
        ({"scenario": ["demo"], "layout": ["g9"]}, "no layout 'g9'; there are g2, g3, g4"),
        ({"scenario": ["demo+no-such-change"]}, "--pec-scenario: no fault 'no-such-change'"),
        ({"base-url": "portal.example"}, "--pec-base-url: not an address"),
        ({"base-url": "https://portal.example", "login-origin": ["x"]}, "--pec-login-origin: not an address"),
        ({"scenario": ["demo"], "allow-orders": ["portal"]}, "'portal' is no origin; write https://host, or mock"),
        ({"scenario": ["demo"], "allow-orders": ["https://login.aruba.it"]}, "the live portal, where no test may"),
        ({"scenario": ["demo"], "allow-orders": ["https://pec.it/"]}, "the live portal, where no test may"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], words: str) -> None:
    """DUP-3: options that contradict each other, or name the live portal for orders, end the run before its tests."""
    with pytest.raises(pytest.UsageError) as refused:
        require_sound_options(cast("pytest.Config", Said(options)))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("address", "live"),
    [
        ("https://areaclienti.pec.it/x", True),
        ("https://pec.it", True),
        ("https://login.aruba.it:8443/", True),
        ("https://areaclienti.pec.it.example/", False),
        ("http://127.0.0.1:8000/", False),
        ("https://notaruba.it.example/", False),
    ],
)
def test_live_portal_is_known_by_its_hosts(address: str, live: bool) -> None:  # noqa: FBT001 - a fact
    """DUP-3: whatever is on the portal's own domains is live, on every port."""
    assert is_live(address) is live


def test_named_origins_are_what_a_browser_calls_them() -> None:
    """An origin may be written with a path's slash or a usual port; `mock` is the portal that was started."""
    named = ["https://Portal.example:443/", "mock"]
    assert ordering_origins(named, "http://127.0.0.1:9") == {"https://portal.example", "http://127.0.0.1:9"}
    assert ordering_origins(["mock"]) == frozenset()


def test_password_is_found_by_reference_and_never_shown() -> None:
    """SEC-1: the environment says where the password is; what is no place is refused without telling it."""
    environ = {"PEC_QA_USERNAME": "1@aruba.it", "PEC_QA_PASSWORD_REF": "env:PLACE"}
    target = Target("https://portal.example/", ("https://portal.example",), 1_000, environ=environ)
    assert target.credentials().reference == reference_from("env:PLACE")
    with pytest.raises(NotSaid) as refused:
        reference_from("S3gret0-literal")
    assert "S3gret0" not in str(refused.value)
    assert "**" in repr(SecretStr("x"))


def test_user_name_that_nobody_said_is_asked_for_by_its_variable() -> None:
    """The message names the variables."""
    target = Target("https://portal.example/", (), 1_000, environ={})
    with pytest.raises(NotSaid, match="PEC_QA_USERNAME, and PEC_QA_PASSWORD or PEC_QA_PASSWORD_REF"):
        target.credentials()


def test_document_tells_of_every_option_fixture_and_change() -> None:
    """docs/qa.md has each option, each fixture, each change of the mock portal with its page."""
    source = (ROOT / "pec_autorenew" / "qa" / "plugin.py").read_text("utf-8")
    options = set(re.findall(r'"(--pec-[a-z-]+)",', source))
    fixtures = set(re.findall(r"@pytest\.fixture\ndef ([a-z]\w+)\(", source)) - {"pec_guard"}
    assert len(options) >= 6
    assert len(fixtures) >= 13
    assert [one for one in options if f"| `{one} " not in DOCUMENT] == []
    assert [one for one in fixtures if f"`{one}`" not in DOCUMENT] == []
    rows = {tuple(cell.strip().strip("`") for cell in line.split("|")[1:-1]) for line in DOCUMENT.splitlines()}
    assert {(f"demo+{one.name}", one.text, one.page) for one in CHANGES.values()} <= rows
    assert plugin.MARKER in DOCUMENT
