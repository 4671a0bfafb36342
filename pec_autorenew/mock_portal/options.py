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


Frequency = Literal["select", "radio", "stepper"]
Billing = Literal["inline", "separate", "none"]
CaptchaKind = Literal["words", "frame", "widget"]
#: The portal's own; one that leads to another origin at once, to the same port under another name, or to a host that
#: is nowhere; its own page, whose form goes to another origin, stands in a frame of it, or leads there afterwards.
DoorKind = Literal["own", "foreign", "lookalike", "outside", "foreign-form", "frame", "open-redirect"]
#: For the order; for one that does not exist; for that of another mailbox; none, but the list.
Thanks = Literal["own", "for-nothing", "for-another", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the portal behaves where the guides do not say."""

    kit: Literal["absent", "offered", "preselected"] = "offered"
    #: Whether the kit is offered after the holder's data; the layout of 2026 never does.
    kit_after_holder: bool = False
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
    frequency: Frequency = "select"
    billing: Billing = "inline"
    #: Mailboxes on one page of the list; 0: all of them.
    page_size: int = 0
    paging: Literal["pages", "more"] = "pages"
    #: Whether the list opens at the page that was looked at last.
    page_kept: bool = False
    #: What a list without mailboxes says; nothing: not even that.
    empty_list: str = "Nessuna casella PEC."
    order_list: Literal["all", "unpaid"] = "all"
    #: What the answer to the binding click says: thanks for what was ordered, or something else.
    thanks: Thanks = "own"
    #: Whether a form that comes twice orders twice; the layout of about 2022 does so anyway.
    every_post_orders: bool = False
    #: Whether a connection may serve more than one request.
    keep_alive: bool = True
    #: Seconds after which a new order is in the list.
    orders_listed_after: float = 0
    #: Seconds after a payment when the expiry moves.
    expiry_moves_after: float = 0
    #: What the cart asks the customer to read.
    notices: tuple[str, ...] = ()
    #: The question that the browser asks before the binding click goes out; nothing: none.
    confirm_dialog: str = ""
    form_in_new_window: bool = False
    cookie_banner: bool = False
    #: The text of a window that covers the first page after signing in; nothing: none.
    notice_window: str = ""
    #: Where the portal has its customers sign in.
    door: DoorKind = "own"
    #: A mailbox, or an account, that signs in must choose a new password first.
    password_change: bool = False
    account_password_change: bool = False
    #: In how many days the password expires, as a notice after signing in says; nothing: there is none.
    password_notice_days: int | None = None
    #: The password alone does not sign anybody in: a person must answer on a device (`POST /sessions/approve`, `deny`).
    two_step: bool = False
    #: Seconds after which the question on the device is answered no more; 0: it waits for ever.
    two_step_lasts: float = 0
    #: Nor does it without the code that came by message.
    code: bool = False
    #: New conditions must be accepted before anything else can be seen.
    new_terms: bool = False
    #: A box for robots: while it stands there, nobody signs in.
    captcha: bool = False
    #: Words of this page, a frame of another origin, or somebody's element around such a frame.
    captcha_kind: CaptchaKind = "words"
    #: It stands there only after so many refused passwords; 0: from the start, if at all.
    captcha_after_failures: int = 0
    #: How many wrong passwords in a row lock who signs in out; 0: none do.
    lock_after: int = 0
    maintenance: bool = False


DEFAULTS: dict[Layout, Options] = {
    "g2": Options(),
    "g3": Options(kit="absent", methods_hidden=True, frequency="radio", billing="separate"),
    "g4": Options(kit="absent", methods_hidden=True, frequency="stepper", billing="none"),
}
