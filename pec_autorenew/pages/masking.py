"""What may be told of a page: its structure and the portal's own words; nothing that somebody typed, nobody's name.

Names of controls, headings and columns are the portal's words, and stay, apart from addresses, codes and long numbers.
Of all other text only the words stay that are in the vocabulary; a name or a street is not (SEC-4).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from pec_autorenew.checks.outline import unquoted
from pec_autorenew.names import DOCUMENTED, FOREIGN_TO_CONSENT, UPSELLS, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

GONE: Final = "…"
#: Roles whose name the portal gives, and no customer.
_PORTALS_OWN: Final = frozenset(
    {
        *("button", "link", "heading", "columnheader", "textbox", "searchbox", "combobox", "spinbutton", "checkbox"),
        *("radio", "switch", "tab", "menuitem"),
    }
)
#: Roles whose text is a value that somebody entered.
_ENTERED: Final = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "slider"})
#: Words of any page; those of the documented names come on top.
_GENERIC: Final = """
a accessi accesso accetta accettare accetto account ad aggiuntivi aggiuntivo agli ago agosto ai aiuto al alla alle
altra altre altri altro anche ancora and anni anno annuale annulla annuo apr apri aprile archivio area assistenza
associata associate attiva attivazione attive attivi attivo attuale automatico avanti avviso azioni back bancario
bonifico carica caricamento carta casella caselle cerca certificata chiudi ciao cliente clienti codice come comune con
condizioni conferma confermato conserva continua continue contratto controlla corso costo credito dal dalla data dati
dato degli dei del della delle di dic dicembre dichiaro digitale disattivo disponibile documenti domenica dopo durata
e ed effettua elenco elettronica email errore errori esci fattura fatturazione fatture feb febbraio file fine firma
fiscale fra frequenza gb gen gennaio gestione gestisci giovedì giu giugno gli grazie ha hai ho home i identificativo
il imponibile importo in inclusa incluso indietro indirizzo inizio inserisci inserita inseriti intestatario invia
invio is iva l la le lista lo login lug luglio lunedì mag maggio mailbox mar martedì marzo mercoledì mese mesi metodo
modalità modifica modulo n nel nella next no nome non nota note nov novembre nulla numero nuova nuovo o obbligatori
obbligatorio of oggi ok ora order orders ordine ordini ott ottobre paga pagamenti pagamento pagato page pagina partita
password paypal pec per periodo piano portale posta premium presente prezzi prezzo privacy pro procedi prodotto
profilo prosegui puoi qui reale registrato renew renewal ricevuto richiesta riepilogo rinnova rinnovare rinnovata
rinnovi rinnovo riprova sabato salva scade scadenza scaduta scegli sconto se sei seleziona selezionata senza service
servizi servizio sessione set settembre sign sono spazio stai standard stato storico sul sulla sì telefono termine the
tipo tipologia titolare titolo to torna total totale tra tua tue tuo tuoi tutte tutti un una uno user utente valore
venerdì verifica versione visualizza you your è
"""
_WORD: Final = r"[^\W\d_]+(?:'[^\W\d_]+)*"
_VOCABULARY: Final = frozenset(
    word
    for text in (_GENERIC, *(name for names in DOCUMENTED.values() for name in names), *FOREIGN_TO_CONSENT, *UPSELLS)
    for word in re.findall(r"[^\W\d_]+", fold(text))
)
#: What comes after these is somebody's name.
_GREETS: Final = (
    r"\b(benvenut[oaie]|bentornat[oaie]|ciao|salve|gentile|buongiorno|buonasera|spett\.?(?:le)?|welcome|hello)\b"
)
_GREETING: Final = re.compile(rf"{_GREETS}(.*)", re.IGNORECASE | re.DOTALL)
#: The same where what comes after the name is wanted as it stands.
_GREETED: Final = re.compile(rf"({_GREETS}[\s,:]*)([^,.;:!|]*)", re.IGNORECASE)
#: A name that stands on a line of its own is no longer than this.
_LONGEST_NAME: Final = 60
_DATE: Final = r"(?<![\d/.-])(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2})(?![\d/-])"
_AMOUNT: Final = r"(?<![\d.,])\d{1,3}(?:\.\d{3})*,\d\d(?!\d)"
_EMAIL: Final = r"[^\s@<>\"'(),;:/…]+@[\w.-]+\w"
_PERSONAL: Final = (
    r"\bIT ?\d{2} ?[A-Z] ?(?:[0-9A-Z] ?){10,22}\b"  # an account at a bank
    r"|(?<![\w.])\+?\d[\d .()/-]{6,}\d(?!\w)"  # a telephone
    r"|(?<!\w)(?=\w*\d)(?=\w*[^\W\d_])\w{6,}(?!\w)"  # a tax code, a recipient's code
    r"|\d{5,}"
)
_MASKS: Final = re.compile(rf"(?P<email>{_EMAIL})|(?P<keep>{_DATE}|{_AMOUNT})|(?P<gone>{_PERSONAL})", re.IGNORECASE)
_PARTS: Final = re.compile(rf"{_MASKS.pattern}|(?P<word>{_WORD})", re.IGNORECASE)
_LINE: Final = re.compile(
    r"""(?P<role>/?[\w-]+)(?:[ ]"(?P<name>(?:[^"\\]|\\.)*)")?(?P<states>(?:[ ]\[[^\]]*\])*)(?P<rest>:.*)?$""", re.DOTALL
)


def masked(text: str) -> str:
    """Return words of the portal's own, without addresses, codes, long numbers, and whoever is greeted in them."""
    text = _GREETING.sub(lambda match: match[1] + veiled(match[2]), text)
    return _MASKS.sub(_mask, text)


def ungreeted(lines: Iterable[str]) -> str:
    """Return a page's lines as one, without the name of whoever is greeted; all else as it stands."""
    told, name_follows = [], False
    for line in lines:
        text = veiled(line) if name_follows and len(line) <= _LONGEST_NAME else line
        greeted = _GREETED.search(text)
        name_follows = greeted is not None and not greeted[3].strip()
        told.append(_GREETED.sub(lambda match: match[1] + veiled(match[3]), text))
    return " ".join(told)


def parts_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text: «email», «keep» (dates, amounts), «gone» (codes, long numbers), «other»."""
    end = 0
    for match in _MASKS.finditer(text):
        yield "other", text[end : match.start()]
        yield match.lastgroup or "gone", match[0]
        end = match.end()
    yield "other", text[end:]


def is_personal(text: str) -> bool:
    """Whether `text` holds what `masked` would hide."""
    return masked(text) != text


def veiled(text: str, more_words: frozenset[str] = frozenset()) -> str:
    """Return what may be told of any other text: the words of the vocabulary, short numbers, dates and amounts.

    `more_words`, folded, may be told too.
    """
    text = re.sub("[\u2018\u2019\u02bc\u2032\u00b4`]", "'", text)
    told = _PARTS.sub(lambda match: _mask(match) if match.lastgroup != "word" else _known(match[0], more_words), text)
    return re.sub(rf"{GONE}(?:[\s'.,;:&-]*{GONE})+", GONE, told)


def masked_address(url: str) -> str:
    """Return a page's address without its query, and without the mailboxes that its path may name."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{masked(unquote(parts.path))}" if parts.netloc else ""


def masked_snapshot(snapshot: str, names: Callable[[str], str] | None = None) -> str:
    """Return an accessibility snapshot of which every line is masked; a line that is not understood is left out.

    `names`, where it is given, masks every text, those that are the portal's own among them.
    """
    return "\n".join(line for raw in snapshot.splitlines() if (line := _masked_line(raw, names)))


def _masked_line(raw: str, names: Callable[[str], str] | None) -> str:
    indent, dash, body = raw.partition("- ")
    if not dash or indent.strip():
        return f"{indent}{GONE}" if raw.strip() else ""
    if body.startswith("'"):
        end = re.match(r"'((?:[^']|'')*)'(.*)$", body, re.DOTALL)
        body = end[1].replace("''", "'") + end[2] if end else ""
    line = _LINE.match(body)
    if line is None:
        return f"{indent}- {GONE}"
    role, name, rest = line["role"], line["name"], (line["rest"] or "")[1:].strip()
    if role == "/url":
        return ""
    tell = names or (masked if role in _PORTALS_OWN or role == "/placeholder" else veiled)
    told = role
    if name is not None:
        told += " " + json.dumps(tell(unquoted(f'"{name}"')), ensure_ascii=False)
    told += line["states"]
    if ": " in told or " #" in told:
        told = "'" + told.replace("'", "''") + "'"
    if line["rest"] is None:
        return f"{indent}- {told}"
    if not rest:
        return f"{indent}- {told}:"
    if role in _ENTERED:
        return f"{indent}- {told}: {GONE}"
    text = tell(unquoted(rest))
    return f"{indent}- {told}: {json.dumps(text, ensure_ascii=False)}"


def _mask(match: re.Match[str]) -> str:
    if match["keep"]:
        return match[0]
    if not match["email"]:
        return GONE
    name, _, domain = match[0].rpartition("@")
    *_, owner, land = ("", *domain.lower().split("."))
    return f"{name[0]}{GONE}@{domain if 'pec' in owner or owner == 'aruba' else f'{GONE}.{land}'}"


def _known(word: str, more_words: frozenset[str]) -> str:
    known = (_VOCABULARY, more_words)
    parts = [part if any(fold(part) in words for words in known) else GONE for part in word.split("'")]
    return "'".join(parts) if GONE not in parts or len(set(parts)) > 1 else GONE
