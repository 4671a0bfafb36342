"""The way to an order in the layout of about 2022: «Dati fatturazione» on a page of its own, the form in a frame.

The answer to the binding POST is the confirmation itself, and the form stays good: whoever reloads it orders again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from pec_autorenew.mock_portal import rules
from pec_autorenew.mock_portal.desk import CONFIRM_PAGE, go_to
from pec_autorenew.mock_portal.g2_order import G2Order
from pec_autorenew.mock_portal.order_fields import identifier_problem, is_filled, read_identifier, requested
from pec_autorenew.mock_portal.truth import RefusedError
from pec_autorenew.mock_portal.values import Choice, Mailbox, MailboxType, Subject

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.sessions import Cart, Session

FRAME = "/modulo-ordine/riquadro"


class G3Order(G2Order):
    """Six screens, of which only the last POST binds, each time that it comes."""

    def routes(self) -> list[Route]:
        """List the screens, in the order in which a customer meets them."""
        guard = self._desk.signed_in
        return [
            *self._cart_to_holder(),
            Route("/dati-intestatario/modifica", guard(self.edit_holder), name="modifica_intestatario"),
            Route(
                "/dati-intestatario/modifica",
                guard(self.save_holder),
                methods=["POST"],
                name="salvataggio_intestatario",
            ),
            Route("/dati-fatturazione", guard(self.billing), name="dati_fatturazione"),
            Route("/dati-fatturazione", guard(self.answer_billing), methods=["POST"], name="conferma_fatturazione"),
            Route("/modulo-ordine", guard(self.around_the_form), name="modulo_ordine"),
            Route(FRAME, guard(self.order_form), name="riquadro_ordine"),
            Route(f"{FRAME}/ricalcola", guard(self.recalculate), methods=["POST"], name="ricalcolo"),
            Route(FRAME, guard(self.confirm), methods=["POST"], name=CONFIRM_PAGE),
        ]

    # «Gestione caselle PEC»

    async def cart(self, request: Request, session: Session) -> Response:
        """Start a new cart, or come back to the old one unless it was ordered."""
        _forget_if_ordered(session)
        return await super().cart(request, session)

    async def choose(self, request: Request, session: Session) -> Response:
        """Read the flags, the plans and the gigabytes."""
        _forget_if_ordered(session)
        return await super().choose(request, session)

    def _cart_row(self, mailbox: Mailbox, cart: Cart) -> dict[str, object]:
        plans = {
            plan: rules.price_line(mailbox, Choice(address=mailbox.address, type=plan), 1).net_cents
            for plan in MailboxType
        }
        return {**super()._cart_row(mailbox, cart), "plans": plans, "gb_cents": rules.EXTRA_GB_NET_CENTS}

    # «Dati intestatario», and «Dati fatturazione» after it

    async def confirm_holder(self, request: Request, session: Session) -> Response:
        """Go on with the data as they were shown; read the identifier, where the page asks for it."""
        form = await request.form()
        if session.cart is None or not is_filled(session.cart):
            return go_to("/caselle")
        if self._asks_billing(session, "separate"):
            return go_to("/dati-fatturazione")
        if self._asks_billing(session, "inline"):
            session.cart.identifier = read_identifier(form)
            problem = identifier_problem(session.cart.identifier, self._account(session).subject)
            if problem:
                return self._holder_page(session, session.cart.identifier, problem)
        return self._after_holder()

    async def edit_holder(self, _request: Request, session: Session) -> Response:
        """«Modifica»: the same data, as fields."""
        if not is_filled(session.cart):
            return go_to("/caselle")
        return self._page(session, "g2/modifica_intestatario.html", fields=self._holder_fields(session))

    async def save_holder(self, request: Request, session: Session) -> Response:
        """Remember which data were changed, and go back."""
        form = await request.form()
        if is_filled(session.cart):
            for name, (_label, value) in self._holder_fields(session).items():
                if form.get(name) != value:
                    self._truth.record_holder_edit(name)
        return go_to("/dati-intestatario")

    # «Modulo d'ordine», in a frame

    async def around_the_form(self, _request: Request, session: Session) -> Response:
        """Show the page around the frame."""
        if not is_filled(session.cart):
            return go_to("/caselle")
        return self._page(session, "g2/riquadro.html", frame=FRAME)

    async def order_form(self, request: Request, session: Session) -> Response:
        """Show what is about to be ordered."""
        if session.cart is not None and session.cart.placed:
            return go_to("/caselle")
        return await super().order_form(request, session)

    async def recalculate(self, request: Request, session: Session) -> Response:
        """Take a new «Frequenza di Rinnovo», and show the form again."""
        form = await request.form()
        if session.cart is not None:
            self._read_order_form(session.cart, form)
        return go_to(FRAME)

    async def confirm(self, request: Request, session: Session) -> Response:
        """«CONFERMA e completa l'ordine»: the request that binds, and binds again when it comes again."""
        form = await request.form()
        cart = session.cart
        if cart is None or not is_filled(cart) or form.get("modulo") != cart.token:
            return self._page(session, "g2/modulo_scaduto.html")
        self._read_order_form(cart, form)
        if form.get("sconto"):
            return self._order_page(session, cart, "Il codice Sconto inserito non è valido.")
        try:
            order = self._truth.take_order(requested(session.visitor.username, cart), again=cart.placed)
        except RefusedError as refusal:
            return self._order_page(session, cart, str(refusal))
        if order is None:
            session.cart = None
            return go_to("/caselle")
        cart.placed = order.number
        return self._page(session, "g2/conferma.html", order=order, account=self._account(session))

    def _page(self, session: Session, template: str, **values: object) -> Response:
        account = self._account(session)
        public = account.subject is Subject.PUBBLICA_AMMINISTRAZIONE
        return super()._page(session, restyled(template), **{"account": account, "public": public, **values})


def restyled(template: str) -> str:
    """Name this layout's own template for a screen of the layout of 2020."""
    return template.replace("g2/", "g3/", 1)


def _forget_if_ordered(session: Session) -> None:
    if session.cart is not None and session.cart.placed is not None:
        session.cart = None
