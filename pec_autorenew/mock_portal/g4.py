"""The portal as it looked in 2024: one page, drawn in the browser, that asks for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pec_autorenew.mock_portal import rules, wire
from pec_autorenew.mock_portal.desk import CONFIRM_PAGE, Desk
from pec_autorenew.mock_portal.g4_door import CONFLICT, FORBIDDEN, UNAUTHORIZED, G4Door, refusal
from pec_autorenew.mock_portal.order_fields import identifier_problem
from pec_autorenew.mock_portal.truth import RefusedError
from pec_autorenew.mock_portal.values import (
    Choice,
    Identifier,
    Mailbox,
    MailboxType,
    Method,
    Order,
    OrderRequest,
    OrderState,
    Quote,
    Subject,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from pec_autorenew.mock_portal.sessions import Session

NOT_FOUND = 404


class Screen(Protocol):
    """An answer for a visitor who signed in."""

    async def __call__(self, request: Request, session: Session, /) -> Response:
        """Answer."""


class G4:
    """A page without content, and the JSON that fills it."""

    def __init__(self, desk: Desk) -> None:
        """Stand at the desk that all screens share."""
        self._desk = desk
        self._truth = desk.truth

    def routes(self) -> list[Route]:
        """List what the scripts ask for; every other address is the page itself."""
        guard = self._signed_in
        return [
            *G4Door(self._desk).routes(),
            Route("/api/sessione", guard(self.session), name="sessione"),
            Route("/api/caselle", guard(self.caselle), name="caselle"),
            Route("/api/rinnovo/{address}", guard(self.offer), name="piano"),
            Route("/api/preventivo", guard(self.quote), methods=["POST"], name="ricalcolo"),
            Route("/api/identificativo", guard(self.check_identifier), methods=["POST"], name="identificativo"),
            Route("/api/ordini", guard(self.confirm), methods=["POST"], name=CONFIRM_PAGE),
            Route("/api/ordini/{number}", guard(self.order), name="conferma"),
            Route("/api/ordini/{number}/pagamento", guard(self.pay), methods=["POST"], name="pagamento"),
            Route("/api/ordini/{number}/annullamento", guard(self.cancel), methods=["POST"], name="annullamento"),
            Route(
                "/api/rinnovo-automatico/{address}",
                guard(self.switch_auto_renewal),
                methods=["POST"],
                name="cambio_rinnovo_automatico",
            ),
            Route("/{path:path}", self.shell, name="applicazione"),
        ]

    async def shell(self, _request: Request) -> Response:
        """Answer any address with the same page: the scripts know what to draw."""
        return self._desk.rendering.page("g4/applicazione.html")

    async def session(self, _request: Request, session: Session) -> Response:
        """Say who is signed in."""
        visitor = session.visitor
        greeting = visitor.mailbox or self._truth.accounts[visitor.account].greeting
        return JSONResponse(
            {
                "username": visitor.username,
                "greeting": greeting,
                "mailbox": visitor.mailbox,
                "notice_days": self._desk.admission.notice_days(session),
            }
        )

    async def caselle(self, _request: Request, session: Session) -> Response:
        """List the mailboxes and the orders."""
        options = self._truth.options
        return JSONResponse(
            {
                "page_size": options.page_size,
                "paging": options.paging,
                "page_kept": options.page_kept,
                "empty_list": options.empty_list,
                "mailboxes": [self._card(mailbox) for mailbox in self._truth.visible_mailboxes(session.visitor)],
                "orders": [_summary(order) for order in self._truth.listed_orders(session.visitor)],
            },
        )

    async def offer(self, request: Request, session: Session) -> Response:
        """Say all that the screens from the plan to the order form have to show."""
        wanted = request.path_params["address"]
        mailboxes = self._truth.visible_mailboxes(session.visitor)
        mailbox = next((mailbox for mailbox in mailboxes if mailbox.address == wanted), None)
        if mailbox is None or not self._truth.renewable(mailbox):
            return refusal("Questa casella non può essere rinnovata.", CONFLICT)
        options = self._truth.options
        account = self._truth.accounts[session.visitor.account]
        return JSONResponse(
            {
                "mailbox": self._card(mailbox),
                "plans": [self._plan(mailbox, plan) for plan in MailboxType],
                "selected_type": options.preselected_type or mailbox.type,
                "selected_extra_gb": options.preselected_extra_gb,
                "kit": options.kit,
                "kit_gross_cents": rules.price_extra(rules.KIT_TEXT, rules.KIT_NET_CENTS).gross_cents,
                "holder": {
                    "name": mailbox.holder,
                    "tax_code": account.tax_code,
                    "street": account.street,
                    "email": account.contact_email,
                },
                "methods": list(options.methods),
                "methods_hidden": options.methods_hidden,
                "default_method": options.default_method,
                "years": options.default_years,
                "max_years": options.max_years,
                "frequency": options.frequency,
                "billing": "none" if account.subject is Subject.PERSONA_FISICA else options.billing,
                "identifier": account.identifier and wire.to_json(account.identifier),
                "notices": list(options.notices),
                "question": options.confirm_dialog,
                "new_window": options.form_in_new_window,
                "show_line_amounts": options.show_line_amounts,
                "consents": [wire.to_json(consent) for consent in options.consents],
            },
        )

    async def quote(self, request: Request, _session: Session) -> Response:
        """Price the order in the making."""
        body = await request.json()
        quote = self._truth.quote((_choice(body),), years=int(body["years"]), kit=bool(body["kit"]))
        return JSONResponse(_prices(quote))

    async def check_identifier(self, request: Request, session: Session) -> Response:
        """Say what is wrong with the answer to «Identificativo per l'invio della fattura elettronica»."""
        body = await request.json()
        identifier = wire.build(Identifier, body) if body.get("kind") else None
        problem = identifier_problem(identifier, self._truth.accounts[session.visitor.account].subject)
        return refusal(problem, CONFLICT) if problem else JSONResponse({})

    async def confirm(self, request: Request, session: Session) -> Response:
        """«Conferma e completa l'ordine»: the one request that binds."""
        body = await request.json()
        if body.get("discount"):
            return refusal("Il codice sconto inserito non è valido.", CONFLICT)
        account = self._truth.accounts[session.visitor.account]
        identifier = account.identifier
        if body.get("identifier") is not None:
            identifier = wire.build(Identifier, body["identifier"])
        order_request = OrderRequest(
            signed_in_as=session.visitor.username,
            choices=(_choice(body),),
            years=int(body["years"]),
            method=Method(body["method"]) if body["method"] else None,
            kit=bool(body["kit"]),
            consents=tuple(body["consents"]),
            identifier=identifier,
        )
        try:
            order = self._truth.take_order(order_request, again=self._placed_before(order_request))
        except RefusedError as refused:
            return refusal(str(refused), CONFLICT)
        return JSONResponse({"number": order and order.number})

    async def order(self, request: Request, session: Session) -> Response:
        """Show one order."""
        order = self._truth.told_order(session.visitor, request.path_params["number"])
        if order is None:
            return refusal("Ordine non trovato.", NOT_FOUND)
        email = self._truth.accounts[order.account].contact_email
        return JSONResponse({**_summary(order), "email": email})

    async def pay(self, request: Request, session: Session) -> Response:
        """Do what the bank would do."""
        body = await request.json()
        return self._settle(
            request,
            session,
            lambda number: self._truth.pay_order(number, method=Method(body["method"])),
        )

    async def cancel(self, request: Request, session: Session) -> Response:
        """Cancel an order."""
        return self._settle(request, session, self._truth.cancel_order)

    async def switch_auto_renewal(self, request: Request, session: Session) -> Response:
        """Switch «Rinnovo automatico» over."""
        wanted = request.path_params["address"]
        for mailbox in self._truth.visible_mailboxes(session.visitor):
            if mailbox.address == wanted:
                self._truth.change_mailbox(wanted, auto_renewal=not mailbox.auto_renewal)
        return JSONResponse({})

    def _signed_in(self, screen: Screen) -> Callable[[Request], Awaitable[Response]]:
        """Answer 401 to whoever is not signed in: the scripts then show the login page."""

        async def endpoint(request: Request) -> Response:
            session = self._desk.sessions.of(request)
            if session is None:
                return JSONResponse({"ended": self._desk.sessions.ended(request)}, UNAUTHORIZED)
            if session.held_at:
                return JSONResponse({"held_at": session.held_at}, FORBIDDEN)
            return await screen(request, session)

        return endpoint

    def _placed_before(self, request: OrderRequest) -> str | None:
        """Return the order that the same form has made already, where the portal does not notice."""
        before = self._truth.orders_for(request.choices[0].address) if self._truth.options.every_post_orders else ()
        return before[-1].number if before and before[-1].state is OrderState.AWAITING_PAYMENT else None

    def _own_order(self, request: Request, session: Session) -> Order | None:
        wanted = request.path_params["number"]
        return next((order for order in self._truth.visible_orders(session.visitor) if order.number == wanted), None)

    def _settle(self, request: Request, session: Session, verb: Callable[[str], Order]) -> Response:
        order = self._own_order(request, session)
        if order is None:
            return refusal("Ordine non trovato.", NOT_FOUND)
        try:
            return JSONResponse(_summary(verb(order.number)))
        except RefusedError as refused:
            return refusal(str(refused), CONFLICT)

    def _card(self, mailbox: Mailbox) -> dict[str, object]:
        return {
            "address": mailbox.address,
            "holder": mailbox.holder,
            "tab": mailbox.tab,
            "type": mailbox.type,
            "state": self._truth.state_of(mailbox),
            "box_gb": rules.BOX_GB[mailbox.type] + mailbox.extra_gb,
            "archive_gb": rules.ARCHIVE_GB[mailbox.type],
            "expiry": mailbox.expiry.isoformat(),
            "red": rules.expiry_is_near(mailbox, self._truth.clock.today()),
            "auto_renewal": mailbox.auto_renewal,
            "on_domain": mailbox.on_domain,
            "renewable": self._truth.renewable(mailbox),
        }

    def _plan(self, mailbox: Mailbox, plan: MailboxType) -> dict[str, object]:
        line = rules.price_line(mailbox, Choice(address=mailbox.address, type=plan), 1)
        return {
            "type": plan,
            "box_gb": rules.BOX_GB[plan],
            "archive_gb": rules.ARCHIVE_GB[plan],
            "net_cents": line.net_cents,
        }


def _choice(body: dict[str, object]) -> Choice:
    return wire.build(
        Choice,
        {"address": body["address"], "type": body["type"], "extra_gb": body["extra_gb"]},
    )


def _prices(quote: Quote) -> dict[str, object]:
    return wire.to_object(quote)


def _summary(order: Order) -> dict[str, object]:
    return {
        "number": order.number,
        "date": order.placed_at.date().isoformat(),
        "addresses": list(order.addresses),
        "extras": [extra.text for extra in order.extras],
        "method": order.method,
        "years": order.years,
        "gross_cents": order.gross_cents,
        "state": order.state,
    }
