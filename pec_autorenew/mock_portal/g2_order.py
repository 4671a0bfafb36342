"""The way to an order in the layout of spring 2020: cart, kit, holder, order form, confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from pec_autorenew.mock_portal import rules
from pec_autorenew.mock_portal.desk import CONFIRM_PAGE, Desk, go_to
from pec_autorenew.mock_portal.order_fields import (
    identifier_problem,
    is_filled,
    read_choice,
    read_identifier,
    read_number,
    requested,
)
from pec_autorenew.mock_portal.sessions import Cart
from pec_autorenew.mock_portal.truth import RefusedError
from pec_autorenew.mock_portal.values import (
    Account,
    Choice,
    Identifier,
    Mailbox,
    MailboxType,
    Method,
    Subject,
)

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.options import Billing
    from pec_autorenew.mock_portal.sessions import Session

MOST_EXTRA_GB = 5


class G2Order:
    """Five screens, of which only the last POST binds."""

    def __init__(self, desk: Desk) -> None:
        """Stand at the desk that all screens share."""
        self._desk = desk
        self._truth = desk.truth

    def routes(self) -> list[Route]:
        """List the screens, in the order in which a customer meets them."""
        guard = self._desk.signed_in
        return [
            *self._cart_to_holder(),
            Route("/dati-fatturazione", guard(self.billing), name="dati_fatturazione"),
            Route("/dati-fatturazione", guard(self.answer_billing), methods=["POST"], name="conferma_fatturazione"),
            Route("/modulo-ordine", guard(self.order_form), name="modulo_ordine"),
            Route("/modulo-ordine/ricalcola", guard(self.recalculate), methods=["POST"], name="ricalcolo"),
            Route("/modulo-ordine", guard(self.confirm), methods=["POST"], name=CONFIRM_PAGE),
            Route("/conferma/{number}", guard(self.confirmation), name="conferma"),
        ]

    def _cart_to_holder(self) -> list[Route]:
        guard = self._desk.signed_in
        return [
            Route("/gestione-caselle", guard(self.cart), name="gestione_caselle"),
            Route("/gestione-caselle", guard(self.choose), methods=["POST"], name="scelta_caselle"),
            Route("/kit", guard(self.kit), name="kit"),
            Route("/kit", guard(self.answer_kit), methods=["POST"], name="scelta_kit"),
            Route("/dati-intestatario", guard(self.holder), name="dati_intestatario"),
            Route("/dati-intestatario", guard(self.confirm_holder), methods=["POST"], name="conferma_intestatario"),
        ]

    # «Gestione caselle PEC»

    async def cart(self, request: Request, session: Session) -> Response:
        """Start a new cart, or come back to the old one by «Modifica il tuo ordine»."""
        if session.cart is None or "modifica" not in request.query_params:
            session.cart = self._new_cart(request.query_params.get("casella"))
        return self._cart_page(session, session.cart)

    async def choose(self, request: Request, session: Session) -> Response:
        """Read the flags, the plans and the gigabytes."""
        form = await request.form()
        cart = session.cart or self._new_cart(None)
        renewable = {mailbox.address for mailbox in self._renewable(session)}
        flagged = [str(address) for address in form.getlist("casella")]
        cart.choices = tuple(read_choice(form, address) for address in flagged if address in renewable)
        session.cart = cart
        if not cart.choices:
            return self._cart_page(session, cart, "Seleziona almeno una casella da rinnovare.")
        options = self._truth.options
        return go_to("/dati-intestatario" if options.kit == "absent" or options.kit_after_holder else "/kit")

    def _cart_page(self, session: Session, cart: Cart, message: str = "") -> Response:
        mailboxes = self._renewable(session)
        return self._page(
            session,
            "g2/gestione_caselle.html",
            message=message,
            rows=[self._cart_row(mailbox, cart) for mailbox in mailboxes],
            several=len(mailboxes) > 1,
            types=tuple(MailboxType),
            most_extra_gb=MOST_EXTRA_GB,
            notices=self._truth.options.notices,
        )

    def _cart_row(self, mailbox: Mailbox, cart: Cart) -> dict[str, object]:
        options = self._truth.options
        chosen = {choice.address: choice for choice in cart.choices}
        choice = chosen.get(mailbox.address) or Choice(
            address=mailbox.address,
            type=options.preselected_type or mailbox.type,
            extra_gb=options.preselected_extra_gb,
        )
        flagged = options.preselected_flags == "all" or (
            options.preselected_flags == "clicked" and cart.clicked == mailbox.address
        )
        return {
            "mailbox": mailbox,
            "choice": choice,
            "flagged": mailbox.address in chosen if chosen else flagged,
            "gross_cents": rules.price_line(mailbox, choice, 1).gross_cents,
        }

    # «Aggiungi al tuo ordine un kit di Firma Digitale»

    async def kit(self, _request: Request, session: Session) -> Response:
        """Try to sell a device for signatures."""
        if not is_filled(session.cart):
            return go_to("/caselle")
        return self._kit_page(session)

    async def answer_kit(self, request: Request, session: Session) -> Response:
        """Read whether the customer wants it."""
        form = await request.form()
        answer = form.get("kit")
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        if answer not in {"si", "no"}:
            return self._kit_page(session, "Indica se vuoi acquistare anche un Dispositivo di Firma Digitale.")
        session.cart.kit = answer == "si"
        return go_to("/modulo-ordine" if self._truth.options.kit_after_holder else "/dati-intestatario")

    def _kit_page(self, session: Session, message: str = "") -> Response:
        gross = rules.price_extra(rules.KIT_TEXT, rules.KIT_NET_CENTS).gross_cents
        preselected = self._truth.options.kit == "preselected"
        return self._page(session, "g2/kit.html", message=message, preselected=preselected, gross_cents=gross)

    # «Dati Intestatario»

    async def holder(self, _request: Request, session: Session) -> Response:
        """Show the holder's data, filled in."""
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        account = self._account(session)
        return self._holder_page(session, session.cart.identifier or account.identifier)

    async def confirm_holder(self, request: Request, session: Session) -> Response:
        """Read the holder's data back, and «DATI FATTURAZIONE» from whoever must give them."""
        form = await request.form()
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        account = self._account(session)
        for name, (_label, value) in self._holder_fields(session).items():
            if form.get(name) != value:
                self._truth.record_holder_edit(name)
        if self._asks_billing(session, "separate"):
            return go_to("/dati-fatturazione")
        if self._asks_billing(session, "inline"):
            session.cart.identifier = read_identifier(form)
            problem = identifier_problem(session.cart.identifier, account.subject)
            if problem:
                return self._holder_page(session, session.cart.identifier, problem)
        return self._after_holder()

    def _after_holder(self) -> Response:
        options = self._truth.options
        return go_to("/kit" if options.kit_after_holder and options.kit != "absent" else "/modulo-ordine")

    def _holder_page(self, session: Session, identifier: Identifier | None, message: str = "") -> Response:
        return self._page(
            session,
            "g2/dati_intestatario.html",
            message=message,
            fields=self._holder_fields(session),
            asks_billing=self._asks_billing(session, "inline"),
            identifier=identifier,
            new_window=self._truth.options.form_in_new_window and not self._asks_billing(session, "separate"),
        )

    async def billing(self, _request: Request, session: Session) -> Response:
        """«Dati fatturazione» on a page of its own, where the options say so."""
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        return self._billing_page(session, session.cart.identifier or self._account(session).identifier)

    async def answer_billing(self, request: Request, session: Session) -> Response:
        """Read the identifier back."""
        form = await request.form()
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        session.cart.identifier = read_identifier(form)
        problem = identifier_problem(session.cart.identifier, self._account(session).subject)
        if problem:
            return self._billing_page(session, session.cart.identifier, problem)
        return self._after_holder()

    def _billing_page(self, session: Session, identifier: Identifier | None, message: str = "") -> Response:
        new_window = self._truth.options.form_in_new_window
        template = "g2/dati_fatturazione.html"
        return self._page(session, template, message=message, identifier=identifier, new_window=new_window)

    def _asks_billing(self, session: Session, where: Billing) -> bool:
        asks = self._account(session).subject is not Subject.PERSONA_FISICA
        return asks and self._truth.options.billing == where

    def _holder_fields(self, session: Session) -> dict[str, tuple[str, str]]:
        """List the fields by form name, each with the label and the value that it starts with."""
        account = self._account(session)
        cart = session.cart
        holder = account.greeting if cart is None else self._truth.mailbox(cart.choices[0].address).holder
        first, _, last = holder.partition(" ")
        person = {
            "nome": ("Nome", first),
            "cognome": ("Cognome", last),
            "codice_fiscale": ("Codice fiscale", account.tax_code),
        }
        company = {"ragione_sociale": ("Ragione sociale", holder), "partita_iva": ("Partita IVA", account.tax_code)}
        return {
            **(person if account.subject is Subject.PERSONA_FISICA else company),
            "indirizzo": ("Indirizzo", account.street),
            "email": ("Email", account.contact_email),
        }

    # «Modulo Ordine»

    async def order_form(self, _request: Request, session: Session) -> Response:
        """Show what is about to be ordered."""
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        return self._order_page(session, session.cart)

    async def recalculate(self, request: Request, session: Session) -> Response:
        """Take a new «Frequenza di Rinnovo», and show the form again."""
        form = await request.form()
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        self._read_order_form(session.cart, form)
        return go_to("/modulo-ordine")

    async def confirm(self, request: Request, session: Session) -> Response:
        """«CONFERMA e completa l'ordine»: the one request that binds."""
        form = await request.form()
        cart = session.cart
        if cart is None or not is_filled(cart):
            return go_to("/caselle")
        self._read_order_form(cart, form)
        if form.get("sconto"):
            return self._order_page(session, cart, "Il codice Sconto inserito non è valido.")
        try:
            order = self._truth.take_order(requested(session.visitor.username, cart), again=cart.placed)
        except RefusedError as refusal:
            return self._order_page(session, cart, str(refusal))
        if order is not None and self._truth.options.every_post_orders:
            cart.placed = order.number
        else:
            session.cart = None
        return go_to("/caselle" if order is None else f"/conferma/{order.number}")

    async def confirmation(self, request: Request, session: Session) -> Response:
        """Show the order that was just placed."""
        order = self._truth.told_order(session.visitor, request.path_params["number"])
        if order is None:
            return go_to("/caselle")
        return self._page(session, "g2/conferma.html", order=order, account=self._account(session))

    def _order_page(self, session: Session, cart: Cart, message: str = "") -> Response:
        quote = self._truth.quote(cart.choices, years=cart.years, kit=cart.kit)
        return self._page(
            session,
            "g2/modulo_ordine.html",
            message=message,
            quote=quote,
            cart=cart,
            options=self._truth.options,
        )

    def _read_order_form(self, cart: Cart, form: FormData) -> None:
        consents = self._truth.options.consents
        method = str(form.get("modalita", ""))
        cart.method = Method(method) if method in set(Method) else None
        step = {"1": 1, "-1": -1}.get(str(form.get("passo", "")), 0)
        cart.years = max(1, read_number(form, "frequenza", cart.years) + step)
        ticked = {str(index) for index in form.getlist("consenso")}
        cart.ticked = tuple(consent.text for index, consent in enumerate(consents) if str(index) in ticked)

    # What the screens share

    def _new_cart(self, clicked: str | None) -> Cart:
        options = self._truth.options
        return Cart(
            years=options.default_years,
            method=options.default_method,
            ticked=tuple(consent.text for consent in options.consents if consent.preticked),
            clicked=clicked,
        )

    def _renewable(self, session: Session) -> list[Mailbox]:
        return [box for box in self._truth.visible_mailboxes(session.visitor) if self._truth.renewable(box)]

    def _account(self, session: Session) -> Account:
        return self._truth.accounts[session.visitor.account]

    def _page(self, session: Session, template: str, **values: object) -> Response:
        greeting = session.visitor.mailbox or self._account(session).greeting
        visitor = {"greeting": greeting, "username": session.visitor.username}
        return self._desk.rendering.page(template, visitor=visitor, **values)
