"""What a portal opens by itself: windows are followed, questions answered with no (DRF-6), streams let go."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

from pec_autorenew.browser import Session
from pec_autorenew.names import Names
from pec_autorenew.pages.portal_pages import PortalPages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Route

    Portal = Callable[[str], PortalPages]

HOME: Final = "http://portale.example/"
HOLDER: Final = """<h1>Dati Intestatario</h1>
<form action="/modulo" target="_blank"><button>PROSEGUI e completa l'ordine</button></form>"""
FORM: Final = """<h1>Modulo Ordine</h1><p>Totale € 6,10</p>
<form action="/ordine" onsubmit="return confirm('Confermi l\\'ordine?')">
<button>CONFERMA e completa l'ordine</button></form>"""
CONFIRMED: Final = "<h1>Grazie</h1><p>Numero ordine: 41000001</p>"


@pytest.fixture
def portal(_engine: None, page: Page) -> Portal:
    """Give what serves a portal whose first page is as given, and opens it."""
    screens = {"/modulo": FORM, "/ordine": CONFIRMED}

    def serve(first: str) -> PortalPages:
        def answer(route: Route) -> None:
            path = route.request.url.removeprefix(HOME.rstrip("/")).split("?")[0]
            route.fulfill(body=screens.get(path, first), content_type="text/html; charset=utf-8")

        page.context.route(f"{HOME}**", answer)
        pages = PortalPages(Session(page.context, page, 4_000), Names(), HOME)
        pages.open()
        return pages

    return serve


def is_armed(pages: PortalPages) -> bool:
    """Whether a question could still be answered with yes."""
    return pages.session.accepts is not None


def test_window_that_the_portal_opens_is_followed_as_a_page(portal: Portal) -> None:
    """DRF-6: the next page stands in a new window, and is read and pressed there."""
    pages = portal(HOLDER)
    pages.arrive(pages.dati_intestatario)
    pages.dati_intestatario.proceed()
    pages.arrive(pages.modulo_ordine)
    assert pages.session.page.url == f"{HOME}modulo?"
    assert pages.modulo_ordine.can_confirm()
    assert any(one.startswith("window") for one in pages.session.interruptions)


def test_fresh_load_goes_back_to_the_first_window_and_closes_the_others(portal: Portal) -> None:
    """DRF-6: a second look does not find what an earlier window left standing."""
    pages = portal(HOLDER)
    pages.arrive(pages.dati_intestatario)
    pages.dati_intestatario.proceed()
    pages.arrive(pages.modulo_ordine)
    pages.open()
    pages.arrive(pages.dati_intestatario)
    assert len(pages.session.windows()) == 1


def test_work_goes_on_in_the_first_window_when_the_other_closes(portal: Portal) -> None:
    """DRF-6: a window that closes itself leaves the page that opened it."""
    pages = portal(HOLDER)
    pages.arrive(pages.dati_intestatario)
    pages.dati_intestatario.proceed()
    pages.arrive(pages.modulo_ordine)
    pages.session.page.close()
    assert pages.arrive(pages.dati_intestatario) is pages.dati_intestatario


def test_question_nobody_named_is_answered_with_no(portal: Portal) -> None:
    """DRF-6: a question after a click is dismissed and recorded, and the form stands as before."""
    pages = portal(FORM)
    pages.arrive(pages.modulo_ordine)
    pages.session.accepts = pages.modulo_ordine.is_expected_question
    pages.modulo_ordine.confirm()
    assert pages.look_for(pages.conferma, timeout=300) is None
    assert pages.session.denied == "Confermi l'ordine?"
    assert "answered no" in pages.session.interruptions[-1]


def test_alert_is_closed_and_told_and_is_no_question(portal: Portal) -> None:
    """DRF-6: what the portal only says is recorded; nothing was denied."""
    pages = portal(FORM.replace("confirm(", "alert("))
    pages.arrive(pages.modulo_ordine)
    pages.modulo_ordine.confirm()
    assert pages.session.interruptions == ["alert: «Confermi l'ordine?»"]
    assert pages.session.denied == ""


def test_question_that_the_operator_named_is_answered_with_yes_once(portal: Portal) -> None:
    """DRF-6: the named question is accepted after the binding click, one time and not a second."""
    pages = portal(FORM)
    pages.screen.names = Names({"modulo_ordine.confirm_question": ("CONFERMI  l’ordine?",)})
    pages.arrive(pages.modulo_ordine)
    pages.session.accepts = pages.modulo_ordine.is_expected_question
    pages.modulo_ordine.confirm()
    assert pages.arrive(pages.conferma) is pages.conferma
    assert not is_armed(pages)
    assert "answered yes" in pages.session.interruptions[-1]


def test_named_question_is_answered_with_no_unless_the_binding_click_was_made(portal: Portal) -> None:
    """DRF-6: only the armed click may be agreed to."""
    pages = portal(FORM)
    pages.screen.names = Names({"modulo_ordine.confirm_question": ("Confermi l'ordine?",)})
    pages.arrive(pages.modulo_ordine)
    pages.modulo_ordine.confirm()
    assert pages.look_for(pages.conferma, timeout=300) is None


class _Stream(BaseHTTPRequestHandler):
    """Serves a page that asks for something whose answer begins and does not end."""

    ended: ClassVar[Event]

    def do_GET(self) -> None:
        """Answer."""
        if self.path == "/late":
            self.ended.wait()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        more = b"<iframe src='/late'></iframe>" if self.path == "/frame" else b"<script>fetch('/stream')</script>"
        self.wfile.write(b"<p>Posta certificata</p>" + (more if self.path != "/late" else b""))
        self.wfile.flush()
        if self.path == "/stream":
            self.ended.wait()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def streaming() -> Iterator[str]:
    """Serve it, and return its address."""
    _Stream.ended = Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stream) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        _Stream.ended.set()
        server.shutdown()
        thread.join()


def test_answer_that_does_not_end_is_not_waited_for(page: Page, streaming: str) -> None:
    """RES-1: a stream of news, or a body that no script reads, does not make the page one that never rests."""
    session = Session(page.context, page, 4_000)
    with page.expect_response("**/stream"):
        session.go(streaming)
    assert session.settle()


def test_question_between_two_looks_is_a_question_all_the_same(portal: Portal) -> None:
    """RES-1: a page that thinks, asks and is answered at once has been drawn anew, though nobody saw it ask."""
    session = portal("<p>Posta certificata</p>").session
    session.settle(after_change=True)
    session.page.evaluate("() => { setTimeout(() => fetch('/modulo').then((one) => one.text()), 150); }")
    assert session.settle(after_change=True, quiet=1.0)


@dataclass
class Pace:
    """Lets every page be asked for, when the portal has done what it was about to do."""

    meanwhile: Callable[[], object] = lambda: None
    taken: list[int] = field(default_factory=list)

    def turn(self, pages: int) -> None:
        """Write it down."""
        self.taken.append(pages)
        self.meanwhile()

    def back_off(self, status: int, seconds: float | None) -> None:
        """Hear of nothing."""


def test_window_takes_a_turn_and_a_frame_does_not(portal: Portal) -> None:
    """Politeness: what the portal opens in another window is a page; what stands inside one is part of it."""
    pages = portal(HOLDER + "<iframe src='/modulo'></iframe>")
    pages.session.turns.pace = pace = Pace()
    pages.open()
    pages.arrive(pages.dati_intestatario)
    pages.dati_intestatario.proceed()
    pages.arrive(pages.modulo_ordine)
    pages.session.take_turn()
    assert pace.taken == [2, 1, 1]  # the first page of all came before there was a pace


def test_what_came_while_a_turn_was_waited_for_is_not_late(page: Page, streaming: str) -> None:
    """RES-1, politeness: nobody hears the portal meanwhile, so its time begins anew."""
    session = Session(page.context, page, 1_500)
    waited = Event()

    def answer_while_nobody_listens() -> None:
        _Stream.ended.set()
        waited.wait(2)

    session.turns.pace = pace = Pace()
    with page.expect_request("**/late"):
        session.go(f"{streaming}frame")
    pace.meanwhile = answer_while_nobody_listens
    session.take_turn()
    session.settle(after_change=True)
    assert session.late == ""


def test_frame_that_is_about_to_be_drawn_anew_is_waited_for(portal: Portal) -> None:
    """RES-1: it says so before the browser tells of a request; what still stands in it is not the answer."""
    session = portal("<iframe src='/riquadro'></iframe>").session
    session.page.wait_for_load_state("load")
    frame = session.page.frames[1]
    frame.evaluate("dispatchEvent(new Event('beforeunload')); setTimeout(() => location.assign('/modulo'), 200)")
    session.settle(after_change=True)
    assert frame.url == f"{HOME}modulo"
