"""The portal as it looked in spring 2020: forms, tables and a page for every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from pec_autorenew.mock_portal import rules
from pec_autorenew.mock_portal.desk import Desk, go_to
from pec_autorenew.mock_portal.g2_order import G2Order
from pec_autorenew.mock_portal.hurdles import Hurdles
from pec_autorenew.mock_portal.paging import page_asked, page_of
from pec_autorenew.mock_portal.truth import LockedError, RefusedError
from pec_autorenew.mock_portal.values import Mailbox, Method, Order

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.sessions import Session


class G2:
    """Sign-in, home, list of mailboxes and list of orders."""

    def __init__(self, desk: Desk) -> None:
        """Stand at the desk that all screens share."""
        self._desk = desk
        self._truth = desk.truth
        self._page = desk.rendering.page

    def routes(self) -> list[Route]:
        """List the screens; the name of a route is what the log of requests calls it."""
        guard = self._desk.signed_in
        return [
            Route("/", guard(self.front_door), name="ingresso"),
            Route("/login", self.login, name="login"),
            Route("/login", self.sign_in, methods=["POST"], name="accesso"),
            Route("/recupero", self.recovery, name="recupero"),
            *self._area(),
            *Hurdles(self._desk, self._page).routes(),
            *G2Order(self._desk).routes(),
        ]

    def _area(self) -> list[Route]:
        """List what stands behind the door, apart from the way to an order."""
        guard = self._desk.signed_in
        return [
            Route("/esci", self.sign_out, name="uscita"),
            Route("/home", guard(self.home), name="home"),
            Route("/caselle", guard(self.caselle), name="caselle"),
            Route("/servizi/{service}", guard(self.other_service), name="altro_servizio"),
            Route("/documenti/{document}", self.document, name="documento"),
            Route("/rinnovo-automatico/{address}", guard(self.auto_renewal), name="rinnovo_automatico"),
            Route(
                "/rinnovo-automatico/{address}",
                guard(self.switch_auto_renewal),
                methods=["POST"],
                name="cambio_rinnovo_automatico",
            ),
            Route("/ordini/{number}/paga", guard(self.payment), name="paga"),
            Route("/ordini/{number}/paga", guard(self.pay), methods=["POST"], name="pagamento"),
            Route("/ordini/{number}/annulla", guard(self.cancellation), name="annulla"),
            Route("/ordini/{number}/annulla", guard(self.cancel), methods=["POST"], name="annullamento"),
        ]

    async def front_door(self, _request: Request, session: Session) -> Response:
        """Send an account to the home, a mailbox straight to its row."""
        return go_to("/home" if session.visitor.mailbox is None else "/caselle")

    async def login(self, request: Request) -> Response:
        """«Accedi»."""
        if self._stays(request):
            return go_to("/")
        if self._desk.leads_away():
            return go_to(f"{self._desk.elsewhere}login")
        if self._desk.leads_on() and "next" not in request.query_params:
            return go_to(self._desk.onward("/login"))
        return self._login_page(ended="sessione" in request.query_params)

    async def sign_in(self, request: Request) -> Response:
        """Check what was typed, to the letter."""
        form = await request.form()
        username = str(form.get("username", ""))
        captcha = self._desk.admission.captcha
        if captcha is not None:
            wrong = "Conferma di non essere un robot." if captcha == "words" else "Verifica non completata."
            return self._login_page(wrong=wrong, username=username)
        try:
            visitor = self._truth.sign_in(username, str(form.get("password", "")))
        except LockedError:
            wrong = "Account temporaneamente bloccato per troppi tentativi."
            return self._login_page(wrong=wrong, username=username)
        if visitor is None:
            return self._login_page(wrong="I dati inseriti non sono corretti.", username=username)
        response = go_to(self._next(request))
        self._desk.admission.admit(visitor, response)
        return response

    async def sign_out(self, request: Request) -> Response:
        """«Esci»."""
        response = go_to("/login")
        self._desk.sessions.close(request, response)
        return response

    async def recovery(self, _request: Request) -> Response:
        """Stand in for the pages that help who forgot something."""
        return self._page("g2/recupero.html")

    async def home(self, _request: Request, session: Session) -> Response:
        """One block per service; a mailbox that signed in by itself has no home."""
        if session.visitor.mailbox is not None:
            return go_to("/caselle")
        renewable = any(map(self._truth.renewable, self._truth.visible_mailboxes(session.visitor)))
        return self._page("g2/home.html", visitor=self._greeting(session), renewable=renewable)

    async def caselle(self, request: Request, session: Session) -> Response:
        """List the mailboxes and, below them, «Ordini associati al servizio»."""
        mailboxes = self._truth.visible_mailboxes(session.visitor)
        page = page_of(mailboxes, self._truth.options, page_asked(request, session, self._truth.options))
        return self._page(
            "g2/caselle.html",
            visitor=self._greeting(session),
            rows=[self._row(mailbox) for mailbox in page.items],
            paging=page,
            empty_list=self._truth.options.empty_list,
            orders=self._truth.listed_orders(session.visitor),
        )

    async def other_service(self, _request: Request, session: Session) -> Response:
        """Stand in for a service that is not PEC."""
        return self._page("g2/altro_servizio.html", visitor=self._greeting(session))

    async def document(self, _request: Request) -> Response:
        """Stand in for the legal documents."""
        return self._page("g2/documento.html")

    async def auto_renewal(self, request: Request, session: Session) -> Response:
        """Explain «Rinnovo automatico» of one mailbox."""
        mailbox = self._own_mailbox(request, session)
        if mailbox is None:
            return go_to("/caselle")
        return self._page("g2/rinnovo_automatico.html", visitor=self._greeting(session), mailbox=mailbox)

    async def switch_auto_renewal(self, request: Request, session: Session) -> Response:
        """Switch «Rinnovo automatico» over."""
        mailbox = self._own_mailbox(request, session)
        if mailbox is not None:
            self._truth.change_mailbox(mailbox.address, auto_renewal=not mailbox.auto_renewal)
        return go_to("/caselle")

    async def payment(self, request: Request, session: Session) -> Response:
        """«Paga»: the last page before the bank's."""
        order = self._own_order(request, session)
        if order is None:
            return go_to("/caselle")
        return self._page("g2/paga.html", visitor=self._greeting(session), order=order)

    async def pay(self, request: Request, session: Session) -> Response:
        """Do what the bank would do."""
        order = self._own_order(request, session)
        form = await request.form()
        if order is None:
            return go_to("/caselle")
        try:
            self._truth.pay_order(order.number, method=Method(str(form.get("modalita", order.method))))
        except RefusedError as refusal:
            return self._page("g2/messaggio.html", visitor=self._greeting(session), text=str(refusal))
        return self._page("g2/messaggio.html", visitor=self._greeting(session), text="Pagamento registrato.")

    async def cancellation(self, request: Request, session: Session) -> Response:
        """«Annulla»: ask once more."""
        order = self._own_order(request, session)
        if order is None:
            return go_to("/caselle")
        return self._page("g2/annulla.html", visitor=self._greeting(session), order=order)

    async def cancel(self, request: Request, session: Session) -> Response:
        """Cancel the order."""
        order = self._own_order(request, session)
        try:
            if order is not None:
                self._truth.cancel_order(order.number)
        except RefusedError as refusal:
            return self._page("g2/messaggio.html", visitor=self._greeting(session), text=str(refusal))
        return go_to("/caselle")

    def _login_page(self, *, wrong: str = "", ended: bool = False, username: str = "") -> Response:
        door, elsewhere = self._truth.options.door, self._desk.elsewhere
        action = f"{elsewhere}login" if door == "foreign-form" else "/login"
        return self._page(
            "g2/login.html",
            action=self._desk.onward(action) if self._desk.leads_on() else action,
            frame=f"{elsewhere}riquadro" if door == "frame" else "",
            wrong=wrong,
            ended=ended,
            username=username,
            captcha=self._desk.admission.captcha,
            stranger=self._desk.login_url,
        )

    def _next(self, request: Request) -> str:
        """Say where a visitor goes who got in: where the address says, in a portal that does not look at it."""
        return request.query_params.get("next", "/") if self._desk.leads_on() else "/"

    def _stays(self, request: Request) -> bool:
        """Say whether somebody is signed in, or on the way; whom a device has turned away may sign in again."""
        session = self._desk.sessions.of(request)
        return session is not None and not self._desk.admission.turned_away(session)

    def _greeting(self, session: Session) -> dict[str, object]:
        return {
            "greeting": session.visitor.mailbox or self._truth.accounts[session.visitor.account].greeting,
            "username": session.visitor.username,
            "notice_days": self._desk.admission.notice_days(session),
        }

    def _own_mailbox(self, request: Request, session: Session) -> Mailbox | None:
        wanted = request.path_params["address"]
        return next((box for box in self._truth.visible_mailboxes(session.visitor) if box.address == wanted), None)

    def _own_order(self, request: Request, session: Session) -> Order | None:
        wanted = request.path_params["number"]
        return next((order for order in self._truth.visible_orders(session.visitor) if order.number == wanted), None)

    def _row(self, mailbox: Mailbox) -> dict[str, object]:
        return {
            "mailbox": mailbox,
            "state": self._truth.state_of(mailbox),
            "red": rules.expiry_is_near(mailbox, self._truth.clock.today()),
            "renewable": self._truth.renewable(mailbox),
            "space_gb": rules.BOX_GB[mailbox.type] + mailbox.extra_gb,
        }
