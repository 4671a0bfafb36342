"""The knobs of the false portal: everything about it that the public guides leave open."""

from dataclasses import dataclass
from typing import Literal

from pec_autorenew.mock_portal.values import MailboxType, Method

Layout = Literal["g2", "g3", "g4"]
LAYOUTS: tuple[Layout, ...] = ("g2", "g3", "g4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One box to tick under the order."""

    text: str
    required: bool = True
    preticked: bool = False
    marketing: bool = False


DEFAULT_CONSENTS = (
    Consent(text="Dichiaro di aver letto e di accettare le Condizioni generali di contratto."),
    Consent(
        text="Ai sensi degli artt. 1341 e 1342 del codice civile approvo specificamente le clausole vessatorie "
        "elencate nelle condizioni di fornitura.",
    ),
    Consent(text="Dichiaro di aver preso visione della informativa relativa al trattamento dei dati personali."),
    Consent(
        text="Presto il consenso all'invio di comunicazioni commerciali e promozionali.",
        required=False,
        marketing=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraOffer:
    """A line that the portal adds to the order by itself; the amount is net, for the whole order."""

    text: str
    net_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the portal behaves where the guides do not say."""

    kit: Literal["absent", "offered", "preselected"] = "offered"
    preselected_flags: Literal["none", "all", "clicked"] = "clicked"
    methods: tuple[Method, ...] = (Method.CARTA, Method.PAYPAL, Method.BONIFICO, Method.BOLLETTINO)
    methods_hidden: bool = False
    max_years: int = 5
    default_years: int = 1
    consents: tuple[Consent, ...] = DEFAULT_CONSENTS
    show_line_amounts: bool = True
    preselected_type: MailboxType | None = None
    extra_line: ExtraOffer | None = None
    preselected_extra_gb: int = 0
    default_method: Method | None = None


DEFAULTS: dict[Layout, Options] = {
    "g2": Options(),
    "g3": Options(kit="absent", methods_hidden=True),
    "g4": Options(kit="absent", methods_hidden=True),
}
