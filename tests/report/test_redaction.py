"""What a recording tells of a page (SEC-4): its build and the portal's words; nothing of people."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from pec_autorenew.checks import Drawn, Looks
from pec_autorenew.errors import NotRecordable
from pec_autorenew.model import Mailbox, MailboxState, OrderState, PortalAutorenewal, PortalOrder, Survey
from pec_autorenew.report.recording import MANIFEST, Walked, require_free, write_recording
from pec_autorenew.report.redaction import Redaction, holds
from tests.markers import STEM

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
BOX = "rosa.tasso@pec.it"
OTHER = "vecchia.tasso@arubapec.it"
NUMBER = "4711"
MARK = f"{STEM}-segno"


def node(tag: str, *children: Any, shadow: Any = None, looks: Any = None, frame: Any = None, **attributes: str) -> Any:  # noqa: ANN401 - JSON
    """Return a node of a tree as `freezing.js` gives it."""
    told = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return [tag, told, list(children), shadow, looks or {}, frame]


def redaction(*words: str) -> Redaction:
    """Return what tells pages of one customer."""
    return Redaction({"Rosa Tasso", "Modulo Conferma"}, [BOX, OTHER], [NUMBER], words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"Casella {BOX}", "Casella casella1@pec.example"),
        (f"{BOX.upper()}, poi {OTHER}", "casella1@pec.example, … casella2@pec.example"),
        ("nuova@altrove.example", "casella3@pec.example"),
        ("Scadenza 31/12/2026, totale € 1.234,56", "Scadenza 31/12/2026, totale € 1.234,56"),
        ("Ordine 12345678", "Ordine 90000001"),
        (f"Ordine {NUMBER} del 2026", "Ordine 9001 del 2026"),
        ("IBAN IT60X0542811101000000123456", "… XX00X0000000000000000000000"),
        ("Codice fiscale RSSMRA80A01H501U", "Codice fiscale XXXXXX00X00X000X"),
        ("Benvenuta Rosa Tasso", "… …"),
        ("Modulo Conferma ha rinnovato", "… ha …"),
        ("2 anni", "2 anni"),
        ("CONFERMA e completa l'ordine", "CONFERMA e completa l'ordine"),
        (f"token={MARK}", "…=X0XXXX0-…"),
    ],
)
def test_text_keeps_the_portal_s_words_days_and_amounts(text: str, told: str) -> None:
    """SEC-4: everything else is gone, or becomes somebody invented."""
    assert redaction().text(text) == told


def test_same_one_is_the_same_throughout_and_others_are_others() -> None:
    """Rows of one page match those of the next."""
    told = redaction()
    assert told.text("Ordine 12345678") == told.text("Ordine 12345678") != told.text("Ordine 87654321")
    assert told.text("a@x.example") == told.text("A@X.example") != told.text("b@x.example")


def test_words_of_the_operator_s_own_names_are_the_portal_s() -> None:
    """[portal.names]: without them a page could not be recognised on its recording."""
    assert redaction().text("Perfeziona la richiesta") == "… la richiesta"
    assert redaction("Perfeziona").text("Perfeziona la richiesta") == "Perfeziona la richiesta"


def full_of_marks() -> Any:  # noqa: ANN401 - JSON
    """Return a page that has a secret wherever one can stand."""
    names = ("title", "alt", "placeholder", "id", "name", "for", "class", "href", "type", "role", "lang", "onclick")
    more = ("aria_label", "aria_checked", "aria_controls", "data_state", "data_located", "value", "srcdoc", "style")
    everywhere = dict.fromkeys((*names, *more, "src", "action", "data_token", "tabindex", "required"), MARK)
    looks = {"display": MARK, "width": f"url({MARK})", "::before": f'"{MARK}"', MARK: "1px"}
    return node(
        "body",
        MARK,
        node("p", "S3gr", node("b", "et0-segno")),
        node("input", type="password", value=MARK),
        node("input", value=MARK),
        node("x-field", MARK, shadow=[node("p", MARK, **everywhere, looks=looks)], **everywhere, looks=looks),
        node("iframe", frame=node("body", MARK, node("input", **everywhere))),
        node(f"x-{MARK}".lower(), "Accedi"),
        **everywhere,
        looks=looks,
    )


def test_document_tells_no_mark_from_any_place() -> None:
    """SEC-4: not in a text, an attribute, a look, a shadow root, a frame; whole or in parts."""
    told = redaction().document(full_of_marks(), "Accedi")
    assert not holds(told.encode(), [MARK])
    for part in (STEM, "segno", "et0", "S3gr"):
        assert part.casefold() not in told.casefold(), part
    assert "<script" not in told
    assert "url(" not in told


def test_password_is_not_told_even_in_the_portal_s_words() -> None:
    """SEC-1: «rinnova conferma» may be somebody's password."""
    told = redaction().document(node("body", node("input", type="password", value="rinnova conferma")), "")
    assert '<input type="password">' in told


def test_document_keeps_how_the_page_is_built() -> None:
    """The page objects need roles, labels, groups, what is chosen, and shadow roots."""
    tree = node(
        "body",
        node("label", "Bonifico", for_="k1"),
        node("input", id="k1", type="radio", name="metodo", value="b", checked=""),
        node("input", type="radio", name="metodo", value="c"),
        node("x-toggle-tile", shadow=[node("slot")], class_="tile tile-selected", looks={"display": "block"}),
        node("div", "Prosegui", role="button", aria_disabled="false", tabindex="0"),
    )
    told = redaction().document(tree, "")
    assert '<label for="n1">Bonifico</label><input id="n1" type="radio" name="n2" value="v1" checked="">' in told
    assert '<input type="radio" name="n2" value="v2">' in told
    assert (
        '<x-1-toggle class="n3 n4-selected" style="display: block"><template shadowrootmode="open"><slot></slot>'
        in told
    )
    assert '<div role="button" aria-disabled="false" tabindex="0">Prosegui</div>' in told


@pytest.mark.parametrize(
    "written",
    [
        BOX,
        BOX.upper(),
        quote(BOX),
        quote(BOX, safe=""),
        b64encode(f"x{BOX}".encode()).decode(),
        b64encode(f"xx{BOX};".encode()).decode(),
        json.dumps({"a": BOX}),
    ],
)
def test_whatever_is_known_is_found_however_it_is_written(written: str) -> None:
    """SEC-4: the second fence looks for what is known in every spelling."""
    assert holds(f"<p>{written}</p>".encode(), [BOX])
    assert not holds(b"<p>casella1@pec.example</p>", [BOX])


def test_name_with_an_apostrophe_is_found_in_html_and_json() -> None:
    """SEC-4: «D'Ambra» is written in several ways."""
    for written in ("D&#x27;Ambra", "D%27Ambra", "d'ambra"):
        assert holds(written.encode(), ["D'Ambra"])


# -- the folder --------------------------------------------------------------------------------------------------------


def walked(*pages: Drawn, keys: frozenset[str] = frozenset()) -> Walked:
    """Return a walk that drew these pages."""
    boxes = (Mailbox(BOX, date(2026, 12, 10), MailboxState.ACTIVE, None, PortalAutorenewal.OFF, renewable=True),)
    orders = (PortalOrder(NUMBER, None, OrderState.PAID, None, frozenset({BOX}), ""),)
    looks = Looks(personal={"Rosa Tasso"}, drawn=list(pages), keys=set(keys))
    return Walked(looks, [Survey("a", NOW, boxes, orders, orders_visible=True)], frozenset({"700001"}), {}, (), NOW)


def page(*children: Any, snapshot: str = "- text: x", key: str = "caselle") -> Drawn:  # noqa: ANN401 - JSON
    """Return a drawn page."""
    return Drawn([key], node("body", *children), snapshot, "https://gestione.example/", {key: {"caselle.renew": 1}})


def test_folder_is_its_owner_s_only_and_complete(tmp_path: Path) -> None:
    """A page as HTML and as snapshot, an archive, a manifest; nothing else is left beside it."""
    folder = tmp_path / "recording"
    drawn = page(BOX, snapshot=f'- button "Rinnova"\n- text: "{BOX} Rosa"\n- textbox "Email": {BOX}')
    assert write_recording(folder, walked(drawn, keys=frozenset({"text", "true"}))) == 1
    assert sorted(one.name for one in folder.iterdir()) == ["01-caselle.html", "01-caselle.yaml", MANIFEST, "pages.har"]
    assert (folder / "01-caselle.yaml").read_text("utf-8").splitlines() == [
        '- button "Rinnova"',
        '- text: "casella1@pec.example …"',
        '- textbox "Email": …',
    ]
    assert folder.stat().st_mode & 0o077 == 0
    assert all(one.stat().st_mode & 0o077 == 0 for one in folder.iterdir())
    assert list(tmp_path.iterdir()) == [folder]


def test_nothing_is_kept_where_something_would_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-4, fail closed: what gets past the first fence is found by the second, and no file is left."""
    monkeypatch.setattr(Redaction, "text", lambda _, text: text)
    for told in (BOX, "Rosa Tasso", f"x{MARK}x"):
        with pytest.raises(NotRecordable, match="nothing is kept"):
            write_recording(tmp_path / "recording", walked(page(told), keys=frozenset({MARK})))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The private folder goes with what went wrong."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pec_autorenew.report.recording.os.replace", full)
    with pytest.raises(NotRecordable, match="No space left"):
        write_recording(tmp_path / "recording", walked(page("Rinnova")))
    assert list(tmp_path.iterdir()) == []


def test_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """A recording is made once: none is written over, and none into somebody's folder."""
    (tmp_path / "empty").mkdir()
    require_free(tmp_path / "empty")
    require_free(tmp_path / "new")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    for taken in (tmp_path, tmp_path / "link"):
        with pytest.raises(NotRecordable, match="exists already"):
            require_free(taken)
    with pytest.raises(NotRecordable, match="no folder"):
        require_free(tmp_path / "nowhere" / "recording")
    with pytest.raises(NotRecordable, match="no page"):
        write_recording(tmp_path / "new", walked())


@pytest.mark.parametrize(
    "words",
    [
        *("EUR 6,10", "6,10 euro", "Totale IVA esclusa", "Totale da pagare", "Totale complessivo", "Totale netto"),
        *(
            "Subtotale",
            "IVA compresa",
            "di cui IVA",
            "senza IVA",
            "Sconto",
            "Imponibile",
            "Pagina 1 di 3",
            "pagina 1 su 3",
        ),
        *("Nessun kit", "Rifiuta", "Prosegui senza", "Sì, aggiungi", "Acquista"),
    ],
)
def test_words_by_which_a_page_is_read_are_told(words: str) -> None:
    """QA kit: of a sum, a choice or a page of a list a recording keeps what tells which it is."""
    assert Redaction((), (), ()).text(f"{words}, Mirto") == f"{words}, …"
