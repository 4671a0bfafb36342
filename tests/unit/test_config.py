"""The configuration: what is read from where, what is refused, and how every problem is named (CFG-1)."""

from __future__ import annotations

import json
import pickle
import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.config import (
    Approval,
    Config,
    RenewalPolicy,
    clock_from_env,
    effective,
    load_config,
    masked_dump,
    require_for_renew,
)
from pec_autorenew.config.models import model_within
from pec_autorenew.config.values import SecretPattern, SecretReference, read_duration, read_money, write_duration
from pec_autorenew.errors import ConfigError
from pec_autorenew.model import IdentifierKind, InvoiceIdentifier, PaymentMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import BaseModel

    Write = Callable[[str], Path]

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"

ACCOUNT = """
[[accounts]]
name = "studio"
username = "123456@aruba.it"
password = { env = "PEC_STUDIO_PASSWORD" }
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes a configuration and returns its path."""

    def write_file(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def load(path: Path, overrides: Mapping[str, object] | None = None, **environ: str) -> Config:
    """Load with nothing from this test's own environment."""
    return load_config(path, overrides, environ)


def problems_of(path: Path, overrides: Mapping[str, object] | None = None, **environ: str) -> tuple[str, ...]:
    """Load what must be refused, and return what is wrong with it."""
    with pytest.raises(ConfigError) as caught:
        load(path, overrides, **environ)
    return caught.value.problems


# -- the example ----------------------------------------------------------------------------------------------------


def example_with_every_option() -> str:
    """Return the example with its commented options switched on; a comment in words has no `=` or brackets."""
    option = re.compile(r"^# (?=[a-z_.]+ = |\[)", re.MULTILINE)
    return option.sub("", EXAMPLE.read_text("utf-8"))


def keys_of_model(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Walk the models to their single keys."""
    for name, field in model.model_fields.items():
        inner = model_within(field.annotation)
        if inner is None or inner in {SecretPattern, SecretReference, Approval}:
            yield ".".join((*path, name))
        else:
            yield from keys_of_model(inner, (*path, name))


def keys_of_tree(tree: Mapping[str, object], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Walk a TOML document to its single keys, with lists of tables as one table."""
    for name, value in tree.items():
        here = (*path, name)
        if isinstance(value, dict) and name not in {
            "accounts_password",
            "password",
            "session_key",
            "ping_url",
            "url",
            "names",
            "locators",
            "mandate",
        }:
            yield from keys_of_tree(value, here)
        elif isinstance(value, list) and value and isinstance(value[0], dict) and name != "urls":
            for inner in value:
                yield from keys_of_tree(inner, here)
        else:
            yield ".".join(here)


def test_example_file_as_shipped_is_valid_and_says_the_defaults() -> None:
    """CFG-1: the example loads, and apart from what has no default it says what is true without it."""
    config = load_config(EXAMPLE, environ={})
    for section in ("portal", "browser", "ledger", "sign_in", "renewal"):
        assert getattr(config, section) == getattr(Config(), section), section
    assert config.limits.min_per_mailbox == Config().limits.min_per_mailbox
    assert config.limits.max_increase_percent == Config().limits.max_increase_percent
    require_for_renew(config)


def test_example_file_with_every_comment_names_every_key_of_the_models() -> None:
    """The example and the models cannot drift apart: each key is in both."""
    tree = tomllib.loads(example_with_every_option())
    assert set(keys_of_tree(tree)) == set(keys_of_model(Config))


def test_example_file_with_every_option_switched_on_loads(write: Write, tmp_path: Path) -> None:
    """What stands in comments is as valid as the rest."""
    (tmp_path / "accounts.csv").write_text(
        "name,username,password.env,client\nsecond,2@aruba.it,PEC_2,Rossi\n", "utf-8"
    )
    config = load(write(example_with_every_option()))
    assert [account.name for account in config.accounts] == ["studio", "second"]
    assert config.portal.names == {"modulo_ordine.confirm": ("Conferma l'ordine",)}
    assert config.portal.locators == {"gestione_caselle.proceed": "#ctl00_Main_btnNext"}


def test_example_file_marks_what_changes_nothing_yet() -> None:
    """An option is marked «not yet» exactly while nothing outside the configuration reads it."""
    package = EXAMPLE.parent / "pec_autorenew"
    readers = [path for path in package.rglob("*.py") if not path.is_relative_to(package / "config")]
    code = "\n".join(path.read_text("utf-8") for path in readers)
    options = re.findall(r"^(?:# )?(\w+) = .*?(# not yet)?$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    # Where accounts come from and what they cover is the configuration's own business; who gave the mandate, a record.
    inside = {"accounts_file", "accounts_password", "include", "given_by", "given_on"}
    unread = {name for name, _ in options if not re.search(rf"\.{name}\b", code)}
    assert {name for name, mark in options if mark} == unread - inside


# -- precedence -----------------------------------------------------------------------------------------------------


def test_value_said_by_every_source_comes_from_the_strongest(write: Write) -> None:
    """CFG-1: command line over environment over file over default, key by key within one table."""
    path = write("[browser]\nworkers = 3\nheadless = false\naction_timeout = '5 s'\n" + ACCOUNT)
    config = load(path, {"browser": {"workers": 7, "executable": None}}, PEC_AUTORENEW_BROWSER__HEADLESS="true")
    assert config.browser.workers == 7
    assert config.browser.headless is True
    assert config.browser.action_timeout == timedelta(seconds=5)
    assert config.browser.visit_deadline == timedelta(minutes=10)
    origins = {key: origin for key, _, origin in effective(config) if key.startswith("browser.")}
    assert origins == {
        "browser.executable": "default",
        "browser.headless": "environment",
        "browser.action_timeout": "file",
        "browser.visit_deadline": "default",
        "browser.run_deadline": "default",
        "browser.workers": "command line",
    }


def test_environment_gives_lists_and_overrides_of_names(write: Write) -> None:
    """Lists are JSON in a variable; an element of the portal is named by its place."""
    config = load(
        write(ACCOUNT),
        PEC_AUTORENEW_PORTAL__ALLOWED_HOSTS='["*.pec.it", "login.aruba.it"]',
        PEC_AUTORENEW_PORTAL__NAMES__MODULO_ORDINE__CONFIRM="Ordina",
        PEC_AUTORENEW_NOTIFY__LADDER="[9, 1]",
    )
    assert config.portal.allowed_hosts == ("*.pec.it", "login.aruba.it")
    assert config.portal.names == {"modulo_ordine.confirm": ("Ordina",)}
    assert config.notify.ladder == (9, 1)


def test_path_is_not_given_then_the_variable_names_the_file(write: Write, tmp_path: Path) -> None:
    """ENV-2: the variable, else the user's own folder; never the current one."""
    path = write("[browser]\nworkers = 5\n" + ACCOUNT)
    assert load_config(environ={"PEC_AUTORENEW_CONFIG": str(path)}).browser.workers == 5
    with pytest.raises(ConfigError) as caught:
        load_config(environ={"PEC_AUTORENEW_CONFIG": str(tmp_path / "absent.toml")})
    assert caught.value.problems == (f"{tmp_path}/absent.toml: cannot be read: No such file or directory",)


def test_no_file_anywhere_is_an_error_that_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, write: Write
) -> None:
    """ENV-2: a `config.toml` in the current folder is not looked at."""
    monkeypatch.chdir(write(ACCOUNT).parent)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    with pytest.raises(ConfigError) as caught:
        load_config(environ={})
    assert str(tmp_path / "home" / "pec-autorenew" / "config.toml") in caught.value.problems[0]
    assert "config init" in caught.value.problems[-1]


def test_accounts_in_the_environment_need_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A container may be configured by variables alone."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    account = [{"name": "studio", "username": "1@aruba.it", "password": {"file": "/run/secrets/studio"}}]
    config = load_config(environ={"PEC_AUTORENEW_ACCOUNTS": json.dumps(account)})
    assert config.accounts[0].password.file == "/run/secrets/studio"


def test_relative_paths_in_the_file_start_from_its_folder(write: Write, tmp_path: Path) -> None:
    """ENV-2: where the tool was started does not matter; outside the file a path must be absolute."""
    path = write(
        '[ledger]\nstate_dir = "state"\n' + ACCOUNT.replace('env = "PEC_STUDIO_PASSWORD"', 'file = "studio.password"')
    )
    config = load(path)
    assert config.state_dir == tmp_path / "state"
    assert config.ledger_url == f"sqlite:///{tmp_path}/state/ledger.sqlite3"
    assert config.accounts[0].password.file == f"{tmp_path}/studio.password"
    assert "absolute path" in problems_of(path, PEC_AUTORENEW_LEDGER__STATE_DIR="state")[0]


# -- problems -------------------------------------------------------------------------------------------------------


def test_every_problem_is_reported_at_once_and_with_its_place(write: Write) -> None:
    """CFG-1: nobody mends a configuration one error at a time."""
    path = write(
        """
        [portal]
        base_url = "http://areaclienti.pec.it/"
        [browser]
        workres = 2
        action_timeout = 30
        [renewal]
        years = 6
        payment_method = "contanti"
        approval = "above:50"
        approval_valid = "0 d"
        [limits]
        max_per_run = 200.0
        max_per_month = "1.234"
        min_per_mailbox = "-1"
        [mandate]
        given_by = "Mario Rossi"
        given_on = 20261101
        accept = []
        [[accounts]]
        name = "studio"
        password = { env = "A", file = "b" }
        [[accounts]]
        name = "Studio"
        username = "u"
        password = { env = "A" }
        mailboxes = [{ address = "studio@pec.it" }, { address = " STUDIO@pec.it" }]
        billing = { identifier = "codice-destinatario", value = "12345" }
        """
    )
    found = {problem.split(":")[0] for problem in problems_of(path, PEC_AUTORENEW_SIGN_IN__MAX_PER_DAY="often")}
    assert found == {
        "portal.base_url",
        "browser.workres",
        "browser.action_timeout",
        "renewal.years",
        "renewal.payment_method",
        "renewal.approval_valid",
        "limits.max_per_run",
        "limits.max_per_month",
        "limits.min_per_mailbox",
        "mandate",
        "accounts.0.username",
        "accounts.0.password",
        "accounts.1.name",
        "accounts.1.billing",
        "sign_in.max_per_day (PEC_AUTORENEW_SIGN_IN__MAX_PER_DAY)",
        "accounts.1.mailboxes",
    }


def test_mailbox_named_twice_within_an_account_is_refused(write: Write) -> None:
    """DUP-9: two spellings of one address are one mailbox."""
    path = write(ACCOUNT + 'mailboxes = [{ address = "studio@pec.it" }, { address = " STUDIO@pec.it" }]')
    assert problems_of(path) == ("accounts.0.mailboxes: studio@pec.it is there more than once",)


def test_syntax_error_is_reported_with_line_and_column(write: Write) -> None:
    """CFG-1: the place of a slip of the pen is its line."""
    (problem,) = problems_of(write("[portal]\nbase_url = https://areaclienti.pec.it/\n"))
    assert "line 2, column" in problem


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[portal]\nbase_ulr = 'https://areaclienti.pec.it/'", "portal.base_ulr: unknown key: did you mean base_url?"),
        ("[limit]\nmax_per_run = '1'", "limit: unknown key: did you mean limits?"),
        ("[portal.names]\nmodulo_ordine.confrim = 'x'", "did you mean modulo_ordine.confirm?"),
        ("[portal.locators]\nmodulo.ordine = ''", "portal.locators"),
    ],
)
def test_misspelt_key_is_an_error_with_a_hint(write: Write, text: str, hint: str) -> None:
    """CFG-1 and DRF-3: a key that nobody reads would be a setting that does not hold."""
    assert any(hint in problem for problem in problems_of(write(f"{text}\n{ACCOUNT}")))


def test_unknown_variable_with_our_prefix_is_an_error_that_names_it(write: Write) -> None:
    """CFG-1: a misspelt variable must not be a limit that does not hold; the two with their own meaning pass."""
    assert problems_of(write(ACCOUNT), PEC_AUTORENEW_LIMITS__MAX_PER_RNU="1.00", PEC_AUTORENEW_THREADS="2") == (
        "limits.max_per_rnu (PEC_AUTORENEW_LIMITS__MAX_PER_RNU): unknown key: did you mean max_per_run?",
        "threads (PEC_AUTORENEW_THREADS): unknown key",
    )
    load(write(ACCOUNT), PEC_AUTORENEW_CLOCK="", PEC_AUTORENEW_CONFIG="/elsewhere", PEC_STUDIO_PASSWORD="x")


@pytest.mark.parametrize("value", ['"hunter2"', '{ value = "hunter2" }', '{ env = "hunter2!" }', '["hunter2"]', "{}"])
def test_literal_secret_is_refused_and_never_repeated(write: Write, value: str) -> None:
    """SEC-1: the message shows the right form, and not the secret."""
    path = write(ACCOUNT.replace('{ env = "PEC_STUDIO_PASSWORD" }', value))
    with pytest.raises(ConfigError) as caught:
        load(path)
    text = "\n".join((str(caught.value), *caught.value.problems))
    assert "accounts.0.password" in text
    assert "hunter2" not in text
    assert caught.value.__cause__ is None
    assert "hunter2" not in repr(caught.value.__context__)


def test_notification_address_written_out_is_refused(write: Write) -> None:
    """SEC-1: an Apprise address holds a token."""
    (problem,) = problems_of(write('[notify]\nurls = ["tgram://token/chat"]\n' + ACCOUNT))
    assert problem.startswith("notify.urls.0: a secret is never written here")
    assert "tgram" not in problem


@pytest.mark.parametrize("url", ["pec:hunter2@db.example/pec", "db.example/pec?user=pec&password=hunter2"])
def test_ledger_address_with_a_password_is_refused_in_a_file_and_taken_from_a_variable(write: Write, url: str) -> None:
    """SEC-1: the one address that can hold a secret belongs where secrets are; nothing ever shows it."""
    address = f"postgresql+psycopg://{url}"
    (problem,) = problems_of(write(f'[ledger]\nurl = "{address}"\n{ACCOUNT}'))
    assert problem.startswith("ledger.url: holds a password")
    assert "hunter2" not in problem
    config = load(write(ACCOUNT), PEC_AUTORENEW_LEDGER__URL=address)
    assert config.ledger_url == address
    assert "hunter2" not in json.dumps(masked_dump(config))
    test_portal = f'[portal]\nbase_url = "http://127.0.0.1:1"\n[ledger]\nurl = "{address}"\n'
    assert load(write(test_portal + ACCOUNT)).ledger_url == address


def test_configuration_without_accounts_is_refused(write: Write) -> None:
    """SIL-1: nothing to look after is a slip, not a success."""
    assert problems_of(write("[browser]\nworkers = 1\n")) == (
        "accounts: there is none: add [[accounts]] or accounts_file",
    )


# -- values ---------------------------------------------------------------------------------------------------------


@given(st.decimals(min_value=0, max_value=999_999, places=2))
def test_money_written_and_read_is_the_same(amount: Decimal) -> None:
    """PRC-2: amounts are exact."""
    assert read_money(str(amount)) == amount


@pytest.mark.parametrize(
    "value", [40, 40.0, True, "40,00", "1.000,00", "4e1", "-1", "+1", "", " ", "1.234", "٤", "€ 4", None]
)
def test_money_in_any_other_form_is_refused(value: object) -> None:
    """PRC-2: no number, no comma, no sign, no third decimal."""
    with pytest.raises(ValueError, match=r"40\.00"):
        read_money(value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30 s", 30), ("10 min", 600), ("60min", 3600), ("2 h", 7200), ("7 d", 604_800), ("0 s", 0)]
)
def test_duration_with_its_unit_is_read_and_written_again(text: str, seconds: int) -> None:
    """A duration says its unit, and what is shown can be written back."""
    assert read_duration(text) == timedelta(seconds=seconds)
    assert read_duration(write_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [30, 1.5, "30", "10 m", "-1 s", "1.5 h", "1 h 30 min", "999999999 d", "", None, True])
def test_duration_in_any_other_form_is_refused(value: object) -> None:
    """Nobody knows whether 30 are seconds or minutes."""
    with pytest.raises(ValueError, match="duration"):
        read_duration(value)


@pytest.mark.parametrize("value", ["true", "1.0", '"one"', "0", "6"])
def test_years_that_are_no_number_from_one_to_five_are_refused(write: Write, value: str) -> None:
    """PRC-5: the portal sells one to five years."""
    assert problems_of(write(f"[renewal]\nyears = {value}\n{ACCOUNT}"))[0].startswith("renewal.years:")


@pytest.mark.parametrize(
    ("text", "gross", "needed"),
    [("none", "999", False), ("always", "0.01", True), ("above:50.00", "50.00", False), ("above:50.00", "50.01", True)],
)
def test_approval_is_needed_as_configured(write: Write, text: str, gross: str, needed: bool) -> None:  # noqa: FBT001
    """DRY-2: above an amount means more than it."""
    config = load(write(f'[renewal]\napproval = "{text}"\n{ACCOUNT}'))
    assert config.renewal.approval.needed_for(Decimal(gross)) is needed
    assert str(config.renewal.approval) == text


def test_approval_that_says_something_else_is_refused(write: Write) -> None:
    """CFG-1: a misspelt approval must not mean none."""
    for text in ("allways", "above", "above:", "above:50,00", "none:1"):
        assert problems_of(write(f'[renewal]\napproval = "{text}"\n{ACCOUNT}'))[0].startswith("renewal.approval:")


# -- limits and mandate ---------------------------------------------------------------------------------------------


def test_limits_and_mandate_missing_are_named_before_a_renewal(write: Write) -> None:
    """PRC-2: `list` and `plan` do without; `renew` names everything that it lacks."""
    config = load(write('[limits]\nmax_per_run = "10"\n' + ACCOUNT))
    with pytest.raises(ConfigError) as caught:
        require_for_renew(config)
    places = [problem.split(":")[0] for problem in caught.value.problems]
    assert places == ["limits.max_per_mailbox", "limits.max_per_month", "mandate"]


def test_limit_of_zero_is_zero_and_not_missing(write: Write) -> None:
    """PRC-2: 0 never means «unlimited»."""
    path = write(
        '[limits]\nmax_per_mailbox = "0"\nmax_per_run = "0.00"\nmax_per_month = "0"\n'
        '[mandate]\ngiven_by = "M"\ngiven_on = 2026-11-01\naccept = []\n' + ACCOUNT
    )
    config = load(path)
    require_for_renew(config)
    assert config.limits.max_per_mailbox == Decimal(0)


def test_command_line_narrows_limits_and_window_and_never_widens_them(write: Write) -> None:
    """PRC-2: what is configured is the most that can be."""
    path = write(
        '[renewal]\nwindow_days = 30\n[limits]\nmax_per_run = "100"\n'
        + ACCOUNT
        + 'window_days = 60\nmailboxes = [{ address = "a@pec.it", window_days = 5 }, { address = "b@pec.it" }]'
    )
    config = load(path)
    account = config.accounts[0]
    narrow = config.narrowed(within_days=20, max_total=Decimal(40))
    wide = config.narrowed(within_days=300, max_total=Decimal(400))
    for address, before in (("a@pec.it", 5), ("b@pec.it", 60), ("c@pec.it", 60)):
        assert narrow.policy_for(narrow.accounts[0], address).window_days == min(before, 20)
        assert wide.policy_for(wide.accounts[0], address).window_days == before
    assert narrow.renewal.window_days == 20
    assert (narrow.limits.max_per_run, wide.limits.max_per_run) == (Decimal(40), Decimal(100))
    assert config.policy_for(account, "b@pec.it").window_days == 60
    assert load(write(ACCOUNT)).narrowed(max_total=Decimal(40)).limits.max_per_run is None


def test_command_line_that_sets_limits_or_mandate_is_refused(write: Write) -> None:
    """DRY-2: limits and mandate stand in the configuration, in no flag."""
    found = problems_of(write(ACCOUNT), {"limits": {"max_per_run": "999"}, "mandate": {"given_by": "me"}})
    assert [problem.split(":")[0] for problem in found[:2]] == ["limits", "mandate"]


def test_mandate_with_quoted_texts_is_read_into_the_model(write: Write) -> None:
    """PRC-10: documented consents by key, any other by its exact words."""
    config = load(
        write(
            '[mandate]\ngiven_by = "Mario Rossi"\ngiven_on = 2026-11-01\n'
            'accept = ["clausole-vessatorie", "text: Dichiaro di: sì"]\n' + ACCOUNT
        )
    )
    assert config.mandate is not None
    assert config.mandate.given_by == "Mario Rossi"
    assert config.mandate.given_on == date(2026, 11, 1)
    assert config.mandate.accept == {"clausole-vessatorie"}
    assert config.mandate.texts == {"Dichiaro di: sì"}


@pytest.mark.parametrize(
    "line",
    [
        'accept = ["marketing"]',
        'accept = ["text:"]',
        'accept = "condizioni-generali"',
        "accept = [1]",
        'accept = []\ntexts = ["x"]',
        "",
    ],
)
def test_mandate_for_unknown_consents_is_refused(write: Write, line: str) -> None:
    """PRC-10: nothing is accepted that the mandate does not say in so many words."""
    head = '[mandate]\ngiven_by = "M"\ngiven_on = 2026-11-01\n'
    assert problems_of(write(f"{head}{line}\n{ACCOUNT}"))[0].startswith("mandate:")


# -- accounts -------------------------------------------------------------------------------------------------------


def test_policy_takes_the_nearest_setting(write: Write) -> None:
    """A mailbox's own settings win over its account's, these over `[renewal]`."""
    config = load(
        write(
            '[renewal]\nyears = 2\nwindow_days = 40\ncritical_days = 9\nbilling = { identifier = "nessuno" }\n'
            + ACCOUNT
            + 'payment_method = "bollettino"\nyears = 3\n'
            + '[[accounts.mailboxes]]\naddress = "Studio@PEC.it"\nyears = 5\n'
            + 'billing = { identifier = "codice-destinatario", value = "ABC1234" }\n'
        )
    )
    account = config.accounts[0]
    assert config.policy_for(account, " studio@pec.it") == RenewalPolicy(
        years=5,
        method=PaymentMethod.BOLLETTINO,
        window_days=40,
        critical_days=9,
        identifier=InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ABC1234"),
        allow_portal_autorenewal=False,
    )
    other = config.policy_for(account, "studio@pec.it.example")
    assert (other.years, other.identifier) == (3, InvoiceIdentifier(IdentifierKind.NESSUNO))


def test_account_covers_what_is_included_and_not_excluded(write: Write) -> None:
    """PRC-11: an address without wildcards is that mailbox and no similar one."""
    config = load(
        write(
            ACCOUNT
            + 'include = ["A@pec.it", "*@studio.example"]\nexclude = ["old*"]\nmailboxes = [{address="b@pec.it"}]'
        )
    )
    account = config.accounts[0]
    assert account.covers(" a@PEC.it")
    assert account.covers("x@studio.example")
    assert not any(map(account.covers, ("aa@pec.it", "a@pec.it.example", "old1@studio.example", "b@pec.it")))
    assert account.named_mailboxes == {"a@pec.it"}


@pytest.mark.parametrize(
    ("identifier", "value", "fits"),
    [
        ("codice-destinatario", "ABC1234", True),
        ("codice-destinatario", "UFABCD", True),
        ("codice-destinatario", "ABC12345", False),
        ("codice-destinatario", "ABC-234", False),
        ("casella-pec", "fatture@pec.it", True),
        ("casella-pec", "fatture", False),
        ("nessuno", "", True),
        ("nessuno", "x", False),
    ],
)
def test_billing_value_must_fit_its_identifier(write: Write, identifier: str, value: str, fits: bool) -> None:  # noqa: FBT001
    """PRC-9: what is typed into the portal's form is checked before anybody signs in."""
    path = write(f'{ACCOUNT}[accounts.billing]\nidentifier = "{identifier}"\nvalue = "{value}"\n')
    if fits:
        assert load(path).policy_for(load(path).accounts[0], "x@pec.it").identifier is not None
    else:
        assert problems_of(path)[0].startswith("accounts.0.billing:")


# -- clients ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clients", "problem"),
    [
        ('[[clients]]\nname = "Rossi"\nmax_per_run = "10"', ""),
        ('[[clients]]\nname = "Rossi"\nmax_per_month = "0"', ""),
        ('[[clients]]\nname = "Rosi"\nmax_per_run = "10"', "clients.0.name: no account has this client label: did you"),
        ('[[clients]]\nname = ""\nmax_per_run = "10"', "clients.0.name: String should have at least 1 character"),
        ('[[clients]]\nname = "Rossi"', "clients.0: max_per_run, max_per_month or both are wanted"),
        ('[[clients]]\nname = "Rossi"\nmax_per_run = 10', "clients.0.max_per_run: not an amount in euro"),
        ('[[clients]]\nname = "Rossi"\nmax_per_year = "10"', "clients.0.max_per_year: unknown key"),
        ('[[clients]]\nname = "Rossi"\nmax_per_run = "10"\n' * 2, "clients.1.name: clients.0 has this name too"),
    ],
)
def test_client_s_limits_are_read_or_refused(write: Write, clients: str, problem: str) -> None:
    """PRC-2, CFG-1: a limit that would limit nothing is a slip, and is said."""
    path = write(f'{ACCOUNT}client = "Rossi"\n{clients}\n')
    if problem:
        assert problems_of(path)[0].startswith(problem)
    else:
        config = load(path)
        assert config.client("Rossi") is config.clients[0]
        assert config.client("") is None


# -- the ordinary mailbox --------------------------------------------------------------------------------------------


def mail_at(host: str, encryption: str) -> str:
    """Return an account with its confirmations in a mailbox at this host."""
    return (
        f'{ACCOUNT}\n[accounts.mail]\nhost = "{host}"\nencryption = "{encryption}"\nusername = "x"\n'
        'password = { env = "PEC_X" }\nauthserv_id = "mx.example"\n'
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_mail_server_on_this_machine_needs_no_encryption(write: Write, host: str) -> None:
    """SEC-1: what never leaves the machine may be plain."""
    (one,) = load(write(mail_at(host, "none"))).accounts
    assert one.mail is not None
    assert (one.mail.port, one.mail.folder) == (993, "INBOX")


@pytest.mark.parametrize("host", ["imap.example", "127.0.0.1.example", "localhost.example", "192.0.2.7"])
def test_mail_server_elsewhere_is_never_spoken_to_in_the_open(write: Write, host: str) -> None:
    """SEC-1: a password goes over no wire in the open."""
    assert "none is accepted on loopback only" in problems_of(write(mail_at(host, "none")))[0]


# -- the portal's place ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["http://127.0.0.1:8080", "http://localhost:8080/area", "http://[::1]:8080/"])
def test_loopback_portal_needs_only_its_address(write: Write, base: str) -> None:
    """Tests: the lists that nobody changed follow the portal."""
    portal = load(write(f'[portal]\nbase_url = "{base}"\n{ACCOUNT}')).portal
    assert portal.is_loopback
    assert portal.base_url == (base if base.endswith("/") else f"{base}/")
    assert portal.login_origins == (base.removesuffix("/").removesuffix("/area"),)
    assert portal.allowed_hosts == (portal.host,)


def test_loopback_portal_with_lists_of_its_own_keeps_them(write: Write) -> None:
    """SEC-2: what a test says about origins counts, and the browser can reach what it names."""
    portal = load(
        write(
            '[portal]\nbase_url = "http://127.0.0.1:1"\nlogin_origins = ["http://localhost:2/", "HTTP://127.0.0.1:1"]\n'
            + ACCOUNT
        )
    ).portal
    assert portal.login_origins == ("http://localhost:2", "http://127.0.0.1:1")
    assert portal.allowed_hosts == ("127.0.0.1", "localhost")


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "http://areaclienti.pec.it/"',
        'base_url = "https://user:pw@areaclienti.pec.it/"',
        'base_url = "https://areaclienti.pec.it/?next=1"',
        'base_url = "https://areaclienti.pec.it:port/"',
        'base_url = "areaclienti.pec.it"',
        'base_url = "https://areaclienti.example/"',
        'base_url = "http://127.0.0.1.example/"',
        'login_origins = ["http://login.aruba.it"]',
        'login_origins = ["https://login.aruba.it/auth"]',
        'login_origins = ["https://login.example"]',
        "login_origins = []",
        'allowed_hosts = ["*"]',
        'allowed_hosts = ["*.it"]',
        'allowed_hosts = ["areaclienti.pec.it:443"]',
        'allowed_hosts = ["https://areaclienti.pec.it"]',
        "allowed_hosts = []",
    ],
)
def test_address_that_would_weaken_the_rules_is_refused(write: Write, line: str) -> None:
    """SEC-2, SEC-3: https, origins without paths, hosts without ports, and no pattern for everything."""
    assert problems_of(write(f"[portal]\n{line}\n{ACCOUNT}"))[0].startswith("portal")


def test_pattern_for_hosts_means_what_is_below_a_domain(write: Write) -> None:
    """SEC-3: a host that only ends alike is another host."""
    portal = load(write(ACCOUNT)).portal
    assert portal.allows("AREACLIENTI.pec.it")
    assert not any(map(portal.allows, ("pec.it", "evilpec.it", "areaclienti.pec.it.example", "127.0.0.1")))


# -- showing --------------------------------------------------------------------------------------------------------


def test_masked_configuration_is_json_and_holds_no_secret(write: Write) -> None:
    """CFG-1, SEC-1: what the ledger keeps with each run can be shown to anybody."""
    path = write(
        '[sign_in]\nsession_key = { command = ["vault", "--token", "hunter2"] }\n[mandate]\ngiven_by = "M"\n'
        'given_on = 2026-11-01\naccept = ["text: Accetto"]\n[renewal]\napproval = "above:50.00"\n' + ACCOUNT
    )
    config = load(path, PEC_AUTORENEW_LEDGER__URL="postgresql+psycopg://pec:hunter2@db.example/pec?sslmode=require")
    dump = json.dumps(masked_dump(config))
    shown = {key: value for key, value, _ in effective(config)}
    assert "hunter2" not in dump + repr(shown)
    assert "hunter2" in config.ledger_url
    assert shown["ledger.url"] == "postgresql+psycopg://pec:***@db.example/pec?sslmode=require"
    assert shown["sign_in.session_key"] == "command: vault …"
    assert shown["accounts.0.password"] == "env: PEC_STUDIO_PASSWORD"
    assert shown["browser.visit_deadline"] == "10 min"
    assert shown["renewal.approval"] == "above:50.00"
    assert shown["mandate.accept"] == "text: Accetto"
    assert shown["limits.max_per_run"] == ""


def test_configuration_cannot_be_changed_and_travels_to_workers(write: Write) -> None:
    """Workers are processes: the same frozen values arrive there."""
    config = load(write(ACCOUNT), PEC_AUTORENEW_BROWSER__WORKERS="4")
    with pytest.raises(ValueError, match="frozen"):
        config.browser.workers = 9  # type: ignore[misc]
    copy = pickle.loads(pickle.dumps(config))  # noqa: S301 - our own bytes
    assert copy == config
    assert copy.origin("browser", "workers") == "environment"


# -- the clock ------------------------------------------------------------------------------------------------------


def test_clock_without_the_variable_is_the_machines(write: Write) -> None:
    """TIM-1: instants are aware, in UTC."""
    clock = clock_from_env(load(write(ACCOUNT)), {})
    assert not clock.pretended
    assert clock().tzinfo is UTC
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)


def test_clock_on_a_loopback_portal_starts_where_the_test_says_and_ticks(write: Write) -> None:
    """TIM-3: a test's clock ticks by the monotonic one, also in a copy that travelled to a worker."""
    config = load(write(f'[portal]\nbase_url = "http://127.0.0.1:1"\n{ACCOUNT}'))
    clock = clock_from_env(config, {"PEC_AUTORENEW_CLOCK": "2026-12-01T08:00:00+01:00"})
    start = datetime(2026, 12, 1, 7, tzinfo=UTC)
    first, second = clock(), clock()
    assert clock.pretended
    assert start <= first <= second < start + timedelta(seconds=5)
    copy = pickle.loads(pickle.dumps(clock))  # noqa: S301 - our own bytes
    assert second <= copy() < start + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("base", "value", "why"),
    [
        ("https://areaclienti.pec.it/", "2026-12-01T08:00:00+01:00", "loopback"),
        ("http://127.0.0.1:1", "2026-12-01T08:00:00", "offset"),
        ("http://127.0.0.1:1", "tomorrow", "instant"),
    ],
)
def test_clock_anywhere_else_is_refused(write: Write, base: str, value: str, why: str) -> None:
    """TIM-3: a live portal is never told a false time."""
    config = load(write(f'[portal]\nbase_url = "{base}"\n{ACCOUNT}'))
    with pytest.raises(ConfigError, match=why):
        clock_from_env(config, {"PEC_AUTORENEW_CLOCK": value})
