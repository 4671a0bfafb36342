"""What is told to a stranger: pseudonyms that stay the same, and no word that may be somebody's."""

from __future__ import annotations

import pytest

from pec_autorenew.report.pseudonyms import NAMED_IN_CONFIGURATION, Pseudonyms


def test_same_one_has_the_same_name_wherever_it_comes_again() -> None:
    """SEC-4: the story stays readable: by key, in an identity, in a sentence, in another spelling."""
    names = Pseudonyms()
    document = {
        "id": "mario.rossi@pec.it/2026-12-10",
        "mailbox": "mario.rossi@pec.it",
        "account": "rossi",
        "order_number": "41000592",
        "message": "Order 41000592 of Mario.Rossi@pec.it (ROSSI) is in «Attesa pagamento» (bonifico, 30,50 €).",
    }
    names.learn(document)
    assert names.told(document) == {
        "id": "mailbox-1/2026-12-10",
        "mailbox": "mailbox-1",
        "account": "account-1",
        "order_number": "order-1",
        "message": "Order order-1 of mailbox-1 (account-1) is in «Attesa pagamento» (bonifico, 30,50 €).",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Gentile Mario Rossi, grazie", "Gentile …, grazie"),
        ("Codice fiscale RSSMRA00A00X000X", "Codice fiscale …"),
        ("IBAN IT60 X054 2811 1010 0000 0123 456", "…"),
        ("scrivi a m.rossi@studio-rossi.example", "… a address-1"),
        ("goes to s…@studio-rossi.example.", "goes to …@…."),
        ("Via Garibaldi 12, 00100 Roma", "… 12, …"),
        ("Not before 2026-12-01T08:00:00+00:00", "Not before 2026-12-01T08:00:00+00:00"),
        ("run 2026-12-01T08-00-00Z-3f2a: 6,10 € by 07/12/2026", "run 2026-12-01T08-00-00Z-3f2a: 6,10 € by 07/12/2026"),
        ("modulo_ordine.confirm is not on the page", "modulo_ordine.confirm is not on the page"),
        ("/home/mariorossi/.local/state", "/home/…/.…/state"),
    ],
)
def test_text_of_whatever_origin_names_nobody(text: str, told: str) -> None:
    """SEC-4: words of the portal's guides and of our own messages, days and amounts stay; nothing else does."""
    names = Pseudonyms()
    assert names.text(text) == told


def test_configuration_keeps_what_it_does_and_not_for_whom() -> None:
    """SEC-1, SEC-4: of a reference only its kind is told; of labels, patterns, identifiers and people nothing."""
    names = Pseudonyms()
    config = {
        "renewal": {"window_days": 30, "settle": "15 min"},
        "limits": {"max_per_run": "200.00", "max_increase_percent": 25},
        "mandate": {"given_by": "Mario Rossi", "accept": ["condizioni-generali", "text: Accetto, Mario Rossi"]},
        "ledger": {"url": "postgresql+psycopg://rossi:***@db.rossi.example/ledger"},
        "accounts": [
            {
                "name": "rossi",
                "username": "123456@aruba.it",
                "password": "env: ROSSI_PASSWORD",
                "client": "Rossi & figli",
                "include": ["*", "*@rossi.example"],
                "billing": {"identifier": "codice-destinatario", "value": "ABC1234"},
                "mailboxes": [{"address": "mario.rossi@pec.it", "years": 3}],
            }
        ],
    }
    names.learn(config, NAMED_IN_CONFIGURATION)
    told = names.told(config, NAMED_IN_CONFIGURATION)
    assert told == {
        "renewal": {"window_days": 30, "settle": "15 min"},
        "limits": {"max_per_run": "200.00", "max_increase_percent": 25},
        "mandate": {"given_by": "person-1", "accept": ["condizioni-generali", "text: Accetto, person-1"]},
        "ledger": {"url": "postgresql+psycopg: …"},
        "accounts": [
            {
                "name": "account-1",
                "username": "user-1",
                "password": "env: …",
                "client": "client-1",
                "include": ["*", "pattern-1"],
                "billing": {"identifier": "codice-destinatario", "value": "identifier-1"},
                "mailboxes": [{"address": "mailbox-1", "years": 3}],
            }
        ],
    }


def test_account_called_like_a_mode_changes_no_code() -> None:
    """SEC-4: an account named «live» is replaced where it stands, and not in the run's mode; keys name nobody."""
    names = Pseudonyms()
    document = {"account": "live", "mode": "live", "facts": {"rossi@pec.it": 123456, "years": 1}}
    names.learn(document)
    assert names.told(document) == {"account": "account-1", "mode": "live", "facts": {"address-1": "…", "years": 1}}
