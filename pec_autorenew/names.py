"""The portal's documented names, per page and element: data, never code.

A name is compared after folding case, blanks and apostrophes (`fold`). Each entry holds every documented variant of one
label; an operator may put other names in their place (`[portal.names]`) or, as a last resort, name the element by a
Playwright selector (`[portal.locators]`). Sources: `docs/portal-facts.md`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Colons, stars, arrows, triangles: what a name may be dressed with. «+» and brackets belong to it.
_SIGNS_AROUND = re.compile(r"^[^\w()+%€']+|[^\w()+%€']+$")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u2032\u00b4`]")

_PROCEED: Final = ("Prosegui e completa l'ordine", "PROSEGUI", "Prosegui")

#: page.element -> documented variants.
DOCUMENTED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "login.username": ("username o casella PEC", "username", "casella PEC", "nome utente"),
        "login.password": ("password",),
        "login.submit": ("Accedi", "Login", "Entra"),
        "login.next": ("Avanti", "Continua", "Prosegui", "Successivo", "Accedi", "Login", "Entra"),
        "login.rejected": ("I dati inseriti non sono corretti", "la login inserita non è valida"),
        "home.renew_mailboxes": ("Rinnova caselle",),
        "home.manage": ("Gestisci",),
        "home.pec_section": ("Posta certificata", "PEC", "PEC - Posta Elettronica Certificata", "Servizio PEC"),
        "caselle.tab_own": ("Le mie caselle PEC",),
        "caselle.tab_others": ("PEC di altri titolari",),
        "caselle.renew": ("Rinnova", "Riattiva"),
        "caselle.expiry": ("Scadenza", "Data scadenza", "Data di scadenza", "Scade il", "Scade", "In scadenza il"),
        "caselle.autorenewal": ("Rinnovo automatico",),
        "caselle.autorenewal_on": ("Attivo",),
        "caselle.autorenewal_off": ("Non attivo", "Disattivato"),
        "caselle.active": ("Attiva",),
        "caselle.expired": ("Scaduta",),
        "caselle.activating": ("In Attivazione",),
        "caselle.cancelled": ("Cancellata", "Acquista di nuovo"),
        "caselle.on_domain": ("PEC su dominio",),
        "caselle.contact": ("E-mail", "Email", "E-mail di riferimento", "E-mail di contatto", "Contatto", "Recapito"),
        "caselle.more": ("Mostra altre", "Mostra altri", "Mostra altre caselle", "Carica altre", "Mostra di più"),
        "caselle.next": ("Successiva", "Pagina successiva", "Successivo", "Avanti", "Pagina seguente"),
        "caselle.previous": ("Precedente", "Pagina precedente", "Precedenti", "Prima pagina"),
        "caselle.empty": (
            *("Nessuna casella", "Nessuna PEC", "Nessun indirizzo PEC", "Non ci sono caselle", "Non hai caselle"),
            *("Non sono presenti caselle", "Non risultano caselle", "Non sono state trovate caselle"),
        ),
        "gestione_caselle.heading": ("Gestione caselle PEC",),
        "gestione_caselle.proceed": _PROCEED,
        "gestione_caselle.extra_space": ("GB", "GB aggiuntivi", "spazio aggiuntivo"),
        "kit_firma.heading": ("Aggiungi al tuo ordine un kit di Firma Digitale",),
        "kit_firma.device": ("Dispositivo di Firma Digitale", "kit di Firma Digitale"),
        "kit_firma.proceed": _PROCEED,
        "kit_firma.refuse": ("No", "No grazie", "No, grazie", "Non aggiungere", "Prosegui senza", "Prosegui senza kit"),
        "dati_intestatario.heading": ("Dati Intestatario", "Dati Titolare", "Profilo titolare"),
        "dati_intestatario.proceed": _PROCEED,
        "dati_fatturazione.heading": ("Dati fatturazione", "Dati di fatturazione"),
        "dati_fatturazione.identifier": ("Identificativo per l'invio della fattura elettronica",),
        "dati_fatturazione.codice_destinatario": ("Codice Destinatario",),
        "dati_fatturazione.casella_pec": ("Casella PEC",),
        "dati_fatturazione.nessuno": ("Nessun identificativo", "Nessun identificato"),
        "dati_fatturazione.proceed": _PROCEED,
        "modulo_ordine.heading": ("Modulo Ordine", "Modulo d'ordine"),
        "modulo_ordine.methods": ("Modalità di pagamento",),
        "modulo_ordine.more_methods": ("Altre modalità",),
        "modulo_ordine.bonifico": ("Bonifico", "Bonifico bancario"),
        "modulo_ordine.bollettino": ("Bollettino postale",),
        "modulo_ordine.carta": ("Carta di credito", "Paga con carta di credito"),
        "modulo_ordine.paypal": ("PayPal", "account PayPal"),
        "modulo_ordine.years": ("Frequenza di rinnovo", "Frequenza di rinnovo (anni)"),
        "modulo_ordine.more_years": ("+",),
        "modulo_ordine.fewer_years": ("-", "−", "–"),
        "modulo_ordine.terms": ("Condizioni generali di contratto",),
        "modulo_ordine.unfair_terms": ("clausole vessatorie",),
        "modulo_ordine.privacy": ("informativa relativa al trattamento dei dati",),
        "modulo_ordine.confirm": ("CONFERMA e completa l'ordine",),
        "modulo_ordine.change": ("Modifica il tuo ordine",),
        #: A question that the portal may ask after the binding click; none is documented.
        "modulo_ordine.confirm_question": (),
        "ordini.heading": (
            "Ordini associati al servizio",
            "Ordini associati al prodotto",
            "Ordini associati ai servizi",
            "Ordini associati",
        ),
        "ordini.state": ("Stato Ordine", "Stato"),
        "ordini.number": ("Numero ordine", "N. ordine", "Numero", "Ordine", "Ordine n.", "ID ordine", "Codice ordine"),
        "ordini.awaiting_payment": ("Attesa pagamento", "In attesa pagamento", "In attesa di pagamento"),
        "ordini.paid": ("Pagato",),
        "ordini.cancelled": ("Annullato", "Cancellato"),
        "conferma.number": ("Numero ordine", "Ordine numero", "N. ordine", "Ordine n.", "ID ordine"),
        "conferma.sign": (
            "numero ordine",
            "numero d'ordine",
            "ordine n",
            "ordine numero",
            "id ordine",
            "grazie",
            "ordine confermato",
            "ordine registrato",
            "ordine è stato",
            "conferma ordine",
        ),
        "notices.close": ("Chiudi", "Non ora", "Ricordarmelo", "Capito", "Ho capito", "Ok"),
        "notices.cookies": (
            "Solo necessari",
            "Solo cookie necessari",
            "Usa solo i cookie necessari",
            "Accetta solo i necessari",
            "Rifiuta tutti",
            "Rifiuta",
            "Nega",
            "Continua senza accettare",
            "Accetta tutti",
        ),
        "notices.maintenance": ("manutenzione", "servizio non disponibile", "temporaneamente non disponibile"),
        "notices.broken": ("Internal Server Error", "Errore interno", "Bad Gateway", "Service Unavailable"),
        "notices.session_ended": (
            *("sessione scaduta", "sessione è scaduta", "sessione di lavoro è scaduta", "sessione terminata"),
            *("sessione è terminata", "sessione non è più valida", "sessione non più valida"),
        ),
        "notices.captcha": ("reCAPTCHA", "hCaptcha", "Non sono un robot", "non essere un robot", "codice di sicurezza"),
        "notices.push": (
            *("verifica in 2 passaggi", "verifica in due passaggi", "notifica sul dispositivo", "notifica push"),
            *("approva l'accesso", "conferma l'accesso", "autorizza l'accesso", "richiesta di accesso"),
        ),
        "notices.push_denied": (
            *("richiesta rifiutata", "accesso rifiutato", "hai rifiutato", "è stata rifiutata", "è stato rifiutato"),
            *("richiesta negata", "accesso negato", "è stata negata", "è stato negato", "non è stata approvata"),
            *("richiesta respinta", "accesso respinto", "è stata respinta", "è stato respinto"),
        ),
        "notices.push_expired": (
            *("richiesta scaduta", "richiesta è scaduta", "notifica scaduta", "notifica è scaduta", "tempo scaduto"),
            *("tempo è scaduto", "non è arrivata in tempo", "non hai risposto in tempo", "nessuna risposta"),
        ),
        "notices.code": (
            *("codice di verifica", "codice di conferma", "codice OTP", "codice temporaneo", "codice ricevuto"),
            *("codice che ti abbiamo inviato", "codice che hai ricevuto", "inserisci il codice"),
        ),
        "notices.locked": (
            *(
                "account bloccato",
                "account è bloccato",
                "account è stato bloccato",
                "utenza bloccata",
                "accesso bloccato",
            ),
            *("utenza è bloccata", "utenza è stata bloccata", "accesso è bloccato", "accesso è stato bloccato"),
            *("temporaneamente bloccato", "temporaneamente bloccata", "account sospeso", "accesso sospeso"),
            *("sospeso l'accesso", "bloccato l'accesso", "sospeso il tuo account", "bloccato il tuo account"),
            *(
                "accesso è sospeso",
                "account è sospeso",
                "bloccato per troppi tentativi",
                "bloccata per troppi tentativi",
            ),
        ),
        "notices.password_change": (
            *("password scaduta", "password è scaduta", "cambio password", "modifica la password"),
            *("nuova password", "cambiare la password", "modificare la password"),
        ),
        "notices.password_notice": (
            *("password scade", "password scadrà", "password sta per scadere", "password in scadenza"),
            *("scadenza della password", "scadenza della tua password"),
        ),
        "notices.later": (
            *("Non ora", "Più tardi", "Ricordamelo", "Ricordarmelo", "Ricordamelo più tardi", "Ricordamelo dopo"),
            *("Continua senza cambiare", "Prosegui senza cambiare", "Salta", "Chiudi"),
        ),
        "notices.terms": (
            *(
                "nuove condizioni",
                "aggiornato le condizioni",
                "condizioni aggiornate",
                "aggiornamento delle condizioni",
            ),
            *("modifica delle condizioni", "modifiche alle condizioni", "nuovi termini", "aggiornato i termini"),
            *("condizioni sono cambiate", "condizioni sono state aggiornate"),
        ),
    }
)

#: The consents that a mandate may name, and the documented phrase of each.
CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "condizioni-generali": "modulo_ordine.terms",
        "clausole-vessatorie": "modulo_ordine.unfair_terms",
        "informativa-privacy": "modulo_ordine.privacy",
    }
)

#: Words that make a consent something other than the terms of this order (PRC-10), whatever else it says.
FOREIGN_TO_CONSENT: Final = (
    "marketing", "promozional", "pubblicitar", "newsletter", "profilazione", "commercial", "offert", "sondagg",
    "ricerche di mercato", "terze parti", "soggetti terzi", "partner", "firma digitale", "marca temporale", "spid",
    "conservazione", "fatturazione elettronica", "gb aggiuntiv", "dispositivo", "rinnovo automatico", "addebito",
)  # fmt: skip

#: Words of what a renewal does not buy (PRC-6): on the order form they are an extra, wherever they stand.
UPSELLS: Final = (
    "firma digitale", "dispositivo", "marca temporale", "marche temporali", "conservazione", "fatturazione elettronica",
    "spid", "report sms", "gb aggiuntivi", "spazio aggiuntivo", "archivio aggiuntivo", "multiutente",
)  # fmt: skip

#: What a row of mailboxes or orders offers, depending on its state, that the client never presses (PF-ORDERS-ACTIONS).
ROW_ACTIONS: Final = (
    "Paga",
    "Paga subito",
    "Annulla",
    "Annulla ordine",
    "Aumenta",
    "Attivo",
    "Non attivo",
    "Disattivato",
)

_UPSOLD: Final = {
    word: re.compile(rf"(?<!\b0 )(?<!nessun ){re.escape(word)}\w*(?!\w*\s*:?\s*(?:0(?![\d.,])|nessun|no\b))")
    for word in UPSELLS
}


def upsells_in(text: str) -> list[str]:
    """Return the words of what a renewal does not buy that `text` holds, unless it says that there are none («0»)."""
    folded = fold(text)
    return [word for word, pattern in _UPSOLD.items() if pattern.search(folded)]


def fold(text: str) -> str:
    """Return the form in which two spellings of one label are equal: case, blanks and apostrophes folded."""
    text = unicodedata.normalize("NFKC", _APOSTROPHES.sub("'", text))  # in this order: NFKC takes «´» apart
    return " ".join(text.split()).lower()


@dataclass(frozen=True, slots=True)
class Names:
    """The names in force: the documented ones, with the operator's in their place where given."""

    overrides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    locators: Mapping[str, str] = field(default_factory=dict)

    def of(self, key: str) -> tuple[str, ...]:
        """Return the variants of the element `key` («page.element»), as written."""
        return self.overrides.get(key) or DOCUMENTED[key]

    def folded(self, key: str) -> list[str]:
        """Return the variants of `key`, folded, without the signs around them."""
        return sorted({core(name) for name in self.of(key)})

    def override(self, key: str) -> str:
        """Return the table of the configuration in which the operator has said something of `key`, or ""."""
        return "portal.locators" if key in self.locators else "portal.names" if key in self.overrides else ""

    def locator(self, key: str) -> str | None:
        """Return the Playwright selector that the operator gave for `key`, if any."""
        return self.locators.get(key)


def core(text: str) -> str:
    """Return the folded name without the signs around it; a name that is nothing but signs stays as it is."""
    folded = fold(text)
    return _SIGNS_AROUND.sub("", folded) or folded


def known_keys() -> frozenset[str]:
    """Return every «page.element» that may be overridden."""
    return frozenset(DOCUMENTED)
