"""Italian."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks import ChangeKind, ElementState
from pec_autorenew.config import Severity
from pec_autorenew.italian import format_date, format_money
from pec_autorenew.model import Outcome, PaymentMethod
from pec_autorenew.notify.matters import BANK, OF_THE_RUN
from pec_autorenew.paying import REGISTRATION_DAYS, deletion_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pec_autorenew.checks import Change
    from pec_autorenew.model import InvoiceIdentifier
    from pec_autorenew.notify.matters import Matter
    from pec_autorenew.paying import Term

_SECTIONS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "broken": ("L'esecuzione è terminata con un errore", "esecuzione fallita", "{} esecuzioni fallite"),
        "person": ("Serve una persona", "serve una persona", "{} richieste a una persona"),
        "alarm": ("Da verificare subito", "1 caso da verificare subito", "{} casi da verificare subito"),
        "unpaid": ("Ordini da pagare", "1 ordine da pagare", "{} ordini da pagare"),
        "warning": ("Da sistemare", "1 caso da sistemare", "{} casi da sistemare"),
        "changed": ("Il portale è cambiato", "1 pagina del portale è cambiata", "{} pagine del portale sono cambiate"),
        "would": ("Si ordinerebbe", "1 ordine di prova", "{} ordini di prova"),
        "renewed": ("Rinnovate", "1 casella rinnovata", "{} caselle rinnovate"),
        "paid": ("Pagati, in attesa della nuova scadenza", "1 ordine pagato", "{} ordini pagati"),
        "resolved": ("Risolto", "1 caso risolto", "{} casi risolti"),
    }
)
_METHODS: Final = MappingProxyType(
    {
        PaymentMethod.BONIFICO: "bonifico",
        PaymentMethod.BOLLETTINO: "bollettino postale",
        PaymentMethod.CARTA: "carta di credito",
        PaymentMethod.PAYPAL: "PayPal",
    }
)
_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ElementState.PRESENT: "presente",
        ElementState.MISSING: "manca",
        ElementState.AMBIGUOUS: "ambiguo",
        ElementState.RENAMED: "ha cambiato nome",
        ElementState.OPTIONAL_ABSENT: "facoltativo, non c'è",
        ElementState.NOT_REACHED: "non raggiunto",
    }
)
_NEXT_RUN: Final = "La prossima esecuzione riprova."
_LOG_IN: Final = "Per proseguire, in qualunque momento: `pec-autorenew login {account}`."
_ON_THE_PORTAL: Final = "Verificare sul portale."
_ORDERS: Final = "Verificare sul portale, in «Ordini associati al servizio»."

#: By reason: what is the matter, and what to do.
WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        # a person
        "two-step-approval": (
            "Il portale chiede di approvare l'accesso sul dispositivo abbinato.",
            f"Approvare la richiesta sul dispositivo. {_LOG_IN}",
        ),
        "captcha": ("Il portale vuole accertarsi che ad accedere sia una persona (CAPTCHA).", _LOG_IN),
        "code": ("Il portale chiede il codice che ha inviato.", _LOG_IN),
        "password-change": (
            "Il portale impone di cambiare la password.",
            f"Cambiarla, poi aggiornare il segreto a cui rimanda la configurazione. {_LOG_IN}",
        ),
        "account-locked": (
            "Il portale ha bloccato l'account.",
            "Sbloccarlo, poi: `pec-autorenew handover list` e `pec-autorenew handover answer NUMERO`.",
        ),
        "terms": ("Il portale chiede di accettare nuove condizioni.", _LOG_IN),
        "notice": ("Il portale mostra un avviso da leggere.", _LOG_IN),
        "unknown-consent": (
            "Nel «Modulo Ordine» c'è un consenso che il mandato non prevede.",
            "Leggerlo sul portale; per accettarlo, riportarne le parole esatte in mandate.accept.",
        ),
        "renewal-not-offered": (
            "È da rinnovare, ma il portale non offre «Rinnova» e non dice perché.",
            "Verificare che cosa chiede il portale.",
        ),
        "approval": (
            "L'ordine aspetta l'approvazione di una persona.",
            "`pec-autorenew approve {id}`, oppure `pec-autorenew reject {id}`.",
        ),
        "foreign-order": ("C'è già un ordine che potrebbe riguardare questa casella.", _ORDERS),
        BANK: (
            "L'ordine è stato inviato. Deve pagarlo una persona, che si autentica presso la banca.",
            "Pagarlo su {portal}, «Ordini associati al servizio», «Paga».",
        ),
        # unknown and drift
        "unknown": (
            "Esito sconosciuto: un ordine potrebbe esistere già. Non ordinare a mano prima di averlo accertato.",
            f"{_ORDERS} `pec-autorenew reconcile` controlla di nuovo.",
        ),
        "unexpected-page": (
            "Il portale mostra una pagina che non corrisponde a quella documentata.",
            "Il resoconto dell'esecuzione dice che cosa c'è al suo posto e che cosa scrivere nella configurazione.",
        ),
        "element-missing": (
            "In una pagina del portale manca un elemento documentato.",
            "Il resoconto dell'esecuzione dice che cosa c'è al suo posto e che cosa scrivere nella configurazione.",
        ),
        "element-ambiguous": (
            "In una pagina del portale un elemento documentato compare più volte.",
            "Il resoconto dell'esecuzione dice come sceglierne uno.",
        ),
        "inventory-shrank": (
            "Il portale non elenca più una o più caselle che prima c'erano.",
            "Verificare sul portale; se è corretto così, escluderle (accounts.exclude).",
        ),
        # policy
        "over-limit": (
            "Costa più di quanto sia consentito.",
            "Per consentirlo serve un limits.max_per_mailbox più alto.",
        ),
        "under-limit": (
            "Costa meno di quanto sia credibile.",
            "Per consentirlo serve un limits.min_per_mailbox più basso.",
        ),
        "price-changed": ("Il prezzo non è più quello visto o approvato in precedenza.", _ON_THE_PORTAL),
        "budget": (
            "Non rientra nella spesa consentita.",
            "Si riprova la prossima volta o il mese prossimo, oppure con limiti più alti in [limits] o [[clients]].",
        ),
        "form-mismatch": (
            "Il «Modulo Ordine» non corrisponde a quanto richiesto: nulla è stato ordinato.",
            _ON_THE_PORTAL,
        ),
        "type-changed": ("Il tipo di casella nell'ordine non è quello attuale.", _ON_THE_PORTAL),
        "upsell-not-refusable": ("Il portale non permette di rifiutare un servizio aggiuntivo.", _ON_THE_PORTAL),
        "method-not-offered": (
            "Il portale non offre la modalità di pagamento richiesta.",
            "Scegliere un altro valore per renewal.payment_method.",
        ),
        "years-not-offered": (
            "Il portale non offre il numero di anni richiesto.",
            "Scegliere un altro valore per renewal.years.",
        ),
        "identifier-missing": (
            "Il portale chiede l'identificativo per la fattura elettronica, che nella configurazione manca.",
            "Indicarlo nella tabella billing.",
        ),
        "identifier-mismatch": (
            "Sul portale l'identificativo per la fattura elettronica è diverso.",
            "Correggere la tabella billing, oppure i dati sul portale.",
        ),
        "foreign-origin": (
            "Il portale chiede la password a un indirizzo che la configurazione non ammette: non è stata inserita.",
            "Aggiungerlo a portal.login_origins solo se appartiene al portale.",
        ),
        "clock": ("L'orologio di questa macchina non è attendibile: per ora non si ordina.", "Regolare data e ora."),
        "ledger-restored": (
            "Il registro è più vecchio della sua cartella, come dopo un ripristino: per ora non si ordina.",
            "Trascorso il tempo di renewal.settle, l'esecuzione successiva prosegue da sola.",
        ),
        "canary": (
            "Il primo ordine su questo portale non compare ancora nell'elenco: fino ad allora non se ne fa un altro.",
            "`pec-autorenew reconcile` controlla di nuovo; quando l'ordine compare, la prossima esecuzione prosegue.",
        ),
        "hook": (
            "Un programma configurato in [hooks] ha risposto di no, oppure non è partito.",
            "Controllare quel programma: il resoconto dice qual è.",
        ),
        "paused": ("I nuovi ordini sono sospesi.", "`pec-autorenew resume` li riprende."),
        "sign-in-limit": (
            "Per oggi i tentativi di accesso consentiti sono esauriti.",
            "Si riprova domani, o con un valore più alto di sign_in.max_per_day.",
        ),
        # failures
        "sign-in-rejected": (
            "Il portale rifiuta nome utente o password; non si riprova finché non cambiano.",
            "Correggere il nome utente, o il segreto a cui rimanda accounts.password.",
        ),
        "portal-error": ("Il portale ha risposto con un errore.", _NEXT_RUN),
        "timeout": ("Il portale non ha risposto in tempo, o il tempo dell'esecuzione è finito.", _NEXT_RUN),
        "browser-died": (
            "Il browser si è chiuso da solo.",
            f"{_NEXT_RUN} Se si ripete, controllare la memoria della macchina.",
        ),
        "maintenance": ("Il portale è in manutenzione.", _NEXT_RUN),
        "unreachable": ("Il portale non risponde.", f"Controllare la rete. {_NEXT_RUN}"),
        "too-many-requests": (
            "Il portale chiede di ridurre il numero di richieste.",
            "Attendere qualche ora prima della prossima esecuzione.",
        ),
        "mailbox-not-found": (
            "La configurazione la nomina, ma il portale non la mostra.",
            "Controllare com'è scritta: `pec-autorenew list` elenca le caselle che ci sono.",
        ),
        "refused-by-portal": ("Il portale ha rifiutato l'ordine; nulla è stato ordinato.", _ON_THE_PORTAL),
        "order-cancelled": ("L'ordine è stato annullato sul portale.", _ON_THE_PORTAL),
        "interrupted": ("L'esecuzione è stata interrotta prima di arrivarci.", "La prossima prosegue da qui."),
        "internal-error": (
            "Si è verificato un errore imprevisto.",
            "È un difetto di questo programma: segnalarlo, con il messaggio del resoconto.",
        ),
        "already-open": (
            "Il registro ha già un rinnovo aperto per questa casella.",
            "`pec-autorenew reconcile`, poi `pec-autorenew history`.",
        ),
        # not renewed, and near its end
        "portal-autorenewal-on": (
            "«Rinnovo automatico» è attivo, ma l'addebito del portale non ha spostato la scadenza.",
            _ON_THE_PORTAL,
        ),
        "not-renewable-here": ("È una «PEC su dominio»: si rinnova insieme al suo dominio.", "Rinnovare il dominio."),
        "not-due": ("È quasi scaduta e non è ancora da rinnovare.", "Aumentare renewal.window_days."),
        # the run
        "not-recorded": (
            "Un ordine è stato inviato e non si è potuto scrivere il registro: può esistere un ordine ignoto.",
            "Conservare questo messaggio. Prima di ogni ordine guardare sul portale, poi `pec-autorenew reconcile`.",
        ),
        "ledger": (
            "Non è possibile leggere o scrivere il registro: non si ordina nulla.",
            "Controllare il disco e i permessi.",
        ),
        "secret-unavailable": (
            "Non si trova una password o un altro segreto.",
            "Controllare il punto a cui rimanda la configurazione.",
        ),
        "not-fit": (
            "La configurazione o l'ambiente non permettono di lavorare.",
            "`pec-autorenew config validate` dice che cosa non va.",
        ),
    }
)
#: What a person has said no to waits for nobody.
_REJECTED: Final = ("Una persona ha rifiutato l'ordine.", "Per ammetterlo comunque: `pec-autorenew approve {id}`.")


def _words(matter: Matter) -> tuple[str, str]:
    if (matter.outcome, matter.reason) == (Outcome.STOPPED, "approval"):
        return _REJECTED
    return WORDS.get(matter.reason, ("", ""))


class Italian:
    """The sentences in Italian."""

    sections = _SECTIONS
    to_pay: Sequence[str] = (
        "Un ordine rinnova la casella solo quando è pagato; chi ha già pagato può ignorare questo avviso.",
        "Nella causale va il numero dell'ordine e nient'altro.",
        (
            "«Paga» con carta o PayPal sul portale attiva il «Rinnovo automatico»; «Paga subito un ordine» su "
            "pagamenti.aruba.it non lo attiva."
        ),
    )
    portal_says = "Come pagare, con le parole del portale: `pec-autorenew show`."
    mail_goes_to = "L'e-mail «Conferma ordine», con le modalità di pagamento, arriva a {}."
    rehearsal = "Prova (dry-run): nulla è stato ordinato."

    def subject(self, severity: Severity) -> str:
        """Return what a title begins with."""
        return "Allarme PEC" if severity is Severity.ALARM else "PEC"

    def expires(self, expiry: date, today: date) -> str:
        """Say when a mailbox expires, or did."""
        left, day = (expiry - today).days, format_date(expiry)
        if left < 0:
            since = "ieri" if left == -1 else f"{-left} giorni fa"
            return f"scaduta il {day}, {since}; verrà eliminata dopo il {format_date(deletion_of(expiry))}"
        return f"scade il {day}, {('oggi', 'domani')[left] if left < len('ab') else f'fra {left} giorni'}"

    def account(self, name: str) -> str:
        """Name an account."""
        return f"Account {name}" if name else "Esecuzione"

    def boxes(self, number: int) -> str:
        """Say of how many mailboxes the first is about to be named."""
        return f"{number} caselle, la prima:"

    def order(self, matter: Matter) -> str:
        """Name an order."""
        number = f"Ordine {matter.order_number}" if matter.order_number else "Ordine senza numero"
        gross = matter.order_gross or matter.gross
        method = _METHODS[matter.method] if matter.method else ""
        return ", ".join(filter(None, (number, format_money(gross) if gross else "", method)))

    def pay(self, term: Term, payer: InvoiceIdentifier | None) -> str:
        """Say by when to pay."""
        end, last = format_date(term.deadline), format_date(term.pay_by)
        if term.today > term.deadline:
            return f"La casella doveva essere eliminata dopo il {end}: un pagamento potrebbe non servire più."
        if term.today > term.pay_by:
            how = _METHODS[term.method]
            return f"Il {last} era l'ultimo giorno utile con {how}; il pagamento con carta viene registrato subito."
        if payer is not None and payer.is_public_office and REGISTRATION_DAYS[term.method]:
            return (
                f"Entro il {last} inviare l'impegno di pagamento firmato, con numero d'ordine, codice univoco "
                f"{payer.value}, CIG, CUP e dichiarazione di split payment: l'ordine viene eseguito dopo la sua "
                "registrazione."
            )
        return f"Da pagare entro il {last}."

    def renewed(self, expiry: date | None) -> str:
        """Say the new expiry."""
        return f"nuova scadenza {format_date(expiry)}" if expiry else "rinnovata"

    def what(self, matter: Matter) -> str:
        """Say what is the matter."""
        text = _words(matter)[0] or f"Motivo: {matter.reason}."
        if matter.key == OF_THE_RUN:
            return f"{text} Il programma dice: {matter.message}"
        asked = matter.gross is not None and matter.outcome in {Outcome.NEEDS_PERSON, Outcome.STOPPED}
        return f"{text} Prezzo: {format_money(matter.gross)}." if asked and matter.gross else text

    def what_to_do(self, matter: Matter, portal: str) -> str:
        """Say what to do next."""
        box = matter.mailboxes[0] if matter.mailboxes else ""
        return _words(matter)[1].format(account=matter.account, portal=portal, id=f"{box}/{matter.expiry}")

    def change(self, change: Change) -> str:
        """Say one thing that has changed on a page of the portal."""
        was, now = (_STATES.get(state, state) for state in (change.was, change.now))
        match change.kind:
            case ChangeKind.STATE | ChangeKind.NAME:
                said = f"{change.subject}: {f'{was} → ' if was else ''}{now}"
            case ChangeKind.NEW:
                said = f"nuovo: {change.subject}"
            case ChangeKind.GONE:
                said = f"non c'è più: {change.subject}"
            case ChangeKind.PAGE_NEW:
                said = "il percorso ora passa da questa pagina"
            case ChangeKind.PAGE_GONE:
                said = "il percorso non passa più da questa pagina"
        nearest = f"; il più simile: {change.nearest}" if change.nearest else ""
        back = " (come nel riferimento)" if change.ends and change.kind is not ChangeKind.STATE else ""
        return f"{said}{nearest}{back}"

    def if_right(self) -> str:
        """Say what to do where the portal has changed."""
        return (
            "Nulla è stato ordinato. Davanti a ciò che manca, ha cambiato nome o è ambiguo `renew` si ferma, finché la "
            "configurazione non lo nomina: la riga è nel resoconto. Se la pagina è corretta così: "
            "`pec-autorenew check-portal --update-baseline`."
        )

    def waits(self, until: str) -> str:
        """Say until when the run waits."""
        return f"L'esecuzione attende fino alle {until}."

    def as_before(self, matter: Matter) -> str:
        """Say what is no longer so."""
        known = WORDS.get(matter.reason)
        return f"non più: «{known[0].removesuffix('.')}»" if known else "in ordine"

    def others(self, number: int) -> str:
        """Say how many are not named."""
        return "… e un altro" if number == 1 else f"… e altri {number}"

    def details(self, run_id: str) -> str:
        """Say where all of it can be read."""
        return f"Il resoconto completo: `pec-autorenew show {run_id}`"

    def trial(self, severity: Severity) -> tuple[str, str]:
        """Return title and body of a message of `notify test`."""
        names = {Severity.INFO: "informazione", Severity.WARNING: "avviso", Severity.ALARM: "allarme"}
        return (
            f"PEC: prova, {names[severity]}",
            "Messaggio di prova di `pec-autorenew notify test`: non c'è nulla da fare.",
        )
