"""The accounts file: thousands of accounts from a spreadsheet, and all that a spreadsheet may do to them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.config import effective, load_config, masked_dump
from pec_autorenew.config.accounts_file import columns
from pec_autorenew.engine.readiness import require_consistent
from pec_autorenew.errors import ConfigError
from pec_autorenew.model import IdentifierKind, InvoiceIdentifier
from pec_autorenew.schedule.secrets import credentials_wanted, references

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pec_autorenew.config import Config

    Load = Callable[..., Config]

STUDIO = '[[accounts]]\nname = "studio"\nusername = "123456@aruba.it"\npassword = { env = "PEC_STUDIO" }\n'


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Give a function that loads a configuration with this accounts file beside it."""

    def load_it(listed: str | bytes, text: str = "", **environ: str) -> Config:
        (tmp_path / "accounts.csv").write_bytes(listed.encode() if isinstance(listed, str) else listed)
        (tmp_path / "config.toml").write_text(f'accounts_file = "accounts.csv"\n{text}', "utf-8")
        return load_config(tmp_path / "config.toml", environ=environ)

    return load_it


@pytest.fixture
def problems(load: Load, tmp_path: Path) -> Callable[..., list[str]]:
    """Give a function that loads what must be refused, and returns what is wrong, without the folder's name."""

    def problems_of(listed: str | bytes, text: str = "") -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(listed, text)
        return [one.removeprefix(f"{tmp_path}/") for one in caught.value.problems]

    return problems_of


@pytest.mark.parametrize("separator", [",", ";"])
def test_accounts_file_beside_the_inline_accounts_gives_both(load: Load, tmp_path: Path, separator: str) -> None:
    """A spreadsheet of accounts, with either separator, empty cells, lines and columns saying nothing."""
    lines = [
        [
            "name",
            "username",
            "password.file",
            "password.command",
            "include",
            "years",
            "client",
            "billing.identifier",
            "",
        ],
        ["uno", "1@aruba.it", "uno.password", "", "a@pec.it  b@pec.it", " 3 ", "Rossi", "nessuno", ""],
        ["", "", "", "", "", "", "", "", ""],
        ["due", "2@aruba.it", "", "pass show due", "", "", "", "", ""],
    ]
    text = "\r\n".join(separator.join(line) for line in lines)
    config = load(f"\ufeff{text}\r\n\r\n", STUDIO)
    assert [account.name for account in config.accounts] == ["studio", "uno", "due"]
    uno, due = config.accounts[1:]
    assert uno.password.file == f"{tmp_path}/uno.password"
    assert (uno.include, uno.years, uno.client) == (("a@pec.it", "b@pec.it"), 3, "Rossi")
    assert config.policy_for(uno, "a@pec.it").identifier == InvoiceIdentifier(IdentifierKind.NESSUNO)
    assert due.password.command == ("pass", "show", "due")
    assert (due.include, due.years) == (("*",), None)


def test_accounts_file_has_a_column_for_each_key_of_an_account(load: Load) -> None:
    """Whatever [[accounts]] knows, a cell can say, but for the mailboxes' own tables."""
    assert {"name", "shown_as", "password.credential", "billing.value", "mail.password.env"} <= set(columns())
    listed = "name,username,password.env,mail.host,mail.username,mail.password.env,mail.authserv_id\n"
    one, two = load(f"{listed}uno,1@aruba.it,PEC_1,imap.example,uno,PEC_M,mx.example\ndue,2@aruba.it,PEC_2\n").accounts
    assert one.mail is not None
    assert (one.mail.host, one.mail.password.env, two.mail) == ("imap.example", "PEC_M", None)


def test_accounts_file_with_problems_names_their_lines(problems: Callable[..., list[str]]) -> None:
    """CFG-1: among thousands of accounts the line is what one needs, and all are told at once."""
    found = problems(
        "name,username,password.env,years\n"
        "uno,1@aruba.it,not a name,\n"
        "STUDIO,2@aruba.it,PEC_2,9\n"
        "tre,3@aruba.it,PEC_3,,,x\n"
        "quattro, 123456@ARUBA.it ,PEC_4,\n"
        ",5@aruba.it,PEC_5\n"
        "Uno,6@aruba.it,PEC_6\n",
        STUDIO,
    )
    assert [one.split(": ")[0] for one in found] == [
        "accounts.csv line 4",
        "accounts.csv line 3.name",
        "accounts.csv line 7.name",
        "accounts.csv line 5.username",
        "accounts.csv line 2.password",
        "accounts.csv line 3.years",
        "accounts.csv line 6.name",
    ]
    assert "accounts.0 has this name too" in found[1]
    assert "line 2 has this name too" in found[2]
    assert "accounts.0 has this user name too" in found[3]


def test_accounts_file_with_a_secret_in_it_is_refused_without_repeating_it(problems: Callable[..., list[str]]) -> None:
    """SEC-1: a password in a cell is refused for what it is; no message holds it."""
    (found,) = problems("name,username,password\nuno,1@aruba.it,hunter2\n")
    assert found.startswith("accounts.csv line 1: unknown column password: a password is never written here")
    assert "hunter2" not in found


@pytest.mark.parametrize(
    ("listed", "hint"),
    [
        ("", "line 1: must name the columns"),
        ("user,password.env\n", "line 1: must name the columns"),
        ("name,name,username\n", "line 1: must name the columns"),
        ("name,username,yeras\n", "line 1: unknown column: did you mean years?"),
        ("name,username,colour\n", "line 1: unknown column 'colour'"),
        ("name;username,password.env\n", "line 1: must name the columns with one separator"),
        ('name,username,password.env\nuno,1,E\n"due,2,E\ntre,3,E\n', "line 3: is no line of a CSV file"),
        ('name,username,password.env\nuno,1,E\n"due\ntre",3,E\nno,4,E,5\n', "line 3: a line break inside a cell"),
        ('name,username,password.env\nuno,1,E\n"due\ntre",3,E\nno,4,E,5\n', "line 5: more cells than columns"),
        ('name,username,password.env\nuno,"=""0012""",E\n', "line 2: a formula"),
        (b"name,username,password.env\nuno,1,E\nCaff\xe8,2,E\n", "line 3: is not written in UTF-8"),
    ],
)
def test_accounts_file_that_a_spreadsheet_spoilt_is_refused_with_its_line(
    problems: Callable[..., list[str]], listed: str, hint: str
) -> None:
    """CFG-1: what is not what somebody meant is never guessed at."""
    assert any(hint in problem for problem in problems(listed))


def test_accounts_file_that_is_absent_is_said(tmp_path: Path) -> None:
    """CFG-1: and where it was looked for, which is beside the configuration (ENV-2)."""
    (tmp_path / "config.toml").write_text('accounts_file = "absent.csv"\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "config.toml", environ={})
    assert (
        caught.value.problems[0] == f"accounts_file: {tmp_path}/absent.csv: cannot be read: No such file or directory"
    )


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ('{ file = "passwords/{name}" }', "file: {}/passwords/uno"),
        ('{ credential = "pec-{name}" }', "credential: pec-uno"),
        ('{ env = "PEC_{name}" }', "env: PEC_uno"),
        ('{ command = ["pass", "show", "pec/{name}"] }', "command: pass …"),
    ],
)
def test_password_by_pattern_has_the_account_s_name_in_it(
    load: Load, tmp_path: Path, pattern: str, wanted: str
) -> None:
    """SEC-1: thousands of references need no thousand cells; an account that names its own keeps it."""
    config = load(
        "name,username,password.env\n uno ,1@aruba.it,\ndue,2@aruba.it,PEC_OWN\n",
        f'accounts_password = {pattern}\n[[accounts]]\nname = "tre"\nusername = "3@aruba.it"\n',
    )
    tre, uno, due = config.accounts
    assert str(uno.password) == wanted.format(tmp_path)
    assert str(tre.password) == wanted.format(tmp_path).replace("uno", "tre")
    assert str(due.password) == "env: PEC_OWN"
    if uno.password.command:
        assert uno.password.command == ("pass", "show", "pec/uno")


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ('"hunter2"', "a secret is never written here"),
        ('{ file = "passwords/all" }', "{name} is missing"),
        ('{ command = ["pass", "show"] }', "{name} is missing"),
        ('{ file = "{name}", env = "PEC" }', "exactly one place"),
        ('{ env = "pec {name}" }', "the name of an environment variable"),
    ],
)
def test_pattern_that_is_none_is_said_once(problems: Callable[..., list[str]], pattern: str, hint: str) -> None:
    """CFG-1: one slip is one problem, not thousands; where there is no pattern, each line wants its password."""
    listed = "name,username\n" + "".join(f"a{i},{i}@aruba.it\n" for i in range(9))
    found = problems(listed, f"accounts_password = {pattern}\n")
    assert [one for one in found if one.startswith("accounts_password")] == [one for one in found if hint in one]
    assert len(found) == (1 if "{" in pattern else 10)
    assert "hunter2" not in "".join(found)


def test_name_that_no_place_can_have_is_refused_by_its_line(problems: Callable[..., list[str]]) -> None:
    """SEC-1: no name leads out of the folder of the passwords."""
    found = problems("name,username\n../x,1@aruba.it\nPEC A,2@aruba.it\n", 'accounts_password = { env = "{name}" }\n')
    assert found[0].startswith(
        "accounts.csv line 2.name: an account's name must not begin with a point or hold slashes"
    )
    assert {one.split(": ")[0] for one in found[1:]} == {"accounts.csv line 2.password", "accounts.csv line 3.password"}


def test_account_of_the_file_is_shown_with_its_line(load: Load, tmp_path: Path) -> None:
    """CFG-1: `config show` says where each value comes from, and by which state of the file."""
    listed = "name,username,password.env\nuno,1@aruba.it,PEC_1\n\ndue,2@aruba.it,PEC_2\n"
    shown = {key: (value, origin) for key, value, origin in effective(load(listed, STUDIO))}
    assert shown["accounts.0.username"] == ("123456@aruba.it", "file")
    assert shown["accounts.2.username"] == ("2@aruba.it", f"{tmp_path}/accounts.csv line 4")
    assert shown["accounts.2.client"] == ("", "default")
    assert shown["accounts_file_sha256"][0] == hashlib.sha256(listed.encode()).hexdigest()


def test_contradiction_in_the_file_is_named_by_its_line(load: Load, tmp_path: Path) -> None:
    """PAY-1, CFG-1: what `renew` would refuse is found in the file as well."""
    config = load("name,username,password.env,payment_method\nuno,1,PEC_1,bonifico\ndue,2,PEC_2,carta\n")
    with pytest.raises(ConfigError) as caught:
        require_consistent(config)
    assert caught.value.problems[0].startswith(f"{tmp_path}/accounts.csv line 3.payment_method: carta")


def test_account_is_found_by_its_name_however_the_configuration_came_about(load: Load) -> None:
    """A reseller has thousands: each is found without a look at the others, in a narrowed copy too."""
    lines = "".join(f"a{i};{i}@aruba.it;m{i}@pec.it\n" for i in range(50))
    config = load(f"name;username;include\n{lines}", 'accounts_password = { file = "{name}" }\n')
    assert config.account("a7") is config.accounts[7]
    narrow = config.narrowed(within_days=3)
    assert [narrow.account(one.name) for one in narrow.accounts] == list(config.accounts)
    assert narrow.account("a7") is narrow.accounts[7]
    assert json.dumps(masked_dump(narrow))


def test_pattern_is_no_reference_by_itself(load: Load) -> None:
    """SEC-1: a service is given what the accounts refer to; a place with a hole in it is none."""
    config = load("name,username\nuno,1\ndue,2\n", 'accounts_password = { credential = "pec-{name}" }\n')
    assert credentials_wanted(config) == ("pec-uno", "pec-due")
    assert "{name}" not in str(references(config))
