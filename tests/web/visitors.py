"""What visitors of the mock portal do who have no browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal.scenarios import SINGLE

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Page

    from pec_autorenew.mock_portal import MockPortal
    from pec_autorenew.mock_portal.faults import Step


def sign_in_at_the_site(web: httpx.Client, username: str, password: str) -> httpx.Response:
    """Sign in to the layout of about 2022: user name and password on two pages of another origin."""
    return send(web, send(web, web.get("/"), username=username), password=password)


def sign_in_on_screen(page: Page, portal: MockPortal, username: str, password: str) -> None:
    """Open the portal in a browser, and sign in as its layout asks."""
    page.goto(portal.url)
    page.get_by_label("username o casella PEC").fill(username)
    if portal.truth.layout == "g3":
        page.get_by_role("button", name="Avanti").click()
    page.get_by_label("password", exact=True).fill(password)
    page.get_by_role("button", name="Accedi").click()


def send(web: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
    """Send the first form of a page, with nothing but these fields."""
    found = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert found is not None, page.text
    return web.post(page.url.join(found[1]), data=fields)


class Orderer:
    """The one customer of «single», who orders for one year by bank transfer, with any layout's own requests."""

    address = "bianca.sorbo@pec.it"

    def __init__(self, web: httpx.Client, portal: MockPortal) -> None:
        """Stand in front of the portal."""
        self.web = web
        self.portal = portal
        self.layout = portal.truth.layout

    def take(self, step: Step) -> httpx.Response:
        """Take one step, as its page does."""
        return self._asks_for_json(step) if self.layout == "g4" else self._sends_forms(step)

    def walk(self, last: Step = "confirm") -> httpx.Response:
        """Take all steps that this layout asks the portal for, up to the last one."""
        for step in self.steps():
            answer = self.take(step)
            if step == last:
                return answer
        raise AssertionError(f"{self.layout} has no step {last}")

    def steps(self) -> tuple[Step, ...]:
        """List the steps at which this layout asks the portal for something."""
        if self.layout == "g4":
            return ("sign-in", "list", "cart", "recalculation", "confirm")
        kit: tuple[Step, ...] = ("kit",) if self.layout == "g2" else ()
        return ("sign-in", "home", "list", "cart", *kit, "holder", "form", "recalculation", "confirm")

    def _asks_for_json(self, step: Step) -> httpx.Response:
        choice = {"address": self.address, "type": "STANDARD", "extra_gb": 0, "years": 1, "kit": False}
        consents = [one.text for one in self.portal.truth.options.consents if one.required]
        match step:
            case "sign-in":
                return self.web.post("/api/accesso", json={"username": SINGLE.username, "password": SINGLE.password})
            case "list":
                return self.web.get("/api/caselle")
            case "cart":
                return self.web.get(f"/api/rinnovo/{self.address}")
            case "recalculation":
                return self.web.post("/api/preventivo", json=choice)
            case _:
                order = {**choice, "method": "bonifico", "consents": consents, "discount": ""}
                return self.web.post("/api/ordini", json=order)

    def _sends_forms(self, step: Step) -> httpx.Response:
        form_at = "/modulo-ordine" if self.layout == "g2" else "/modulo-ordine/riquadro"
        match step:
            case "sign-in" if self.layout == "g3":
                return sign_in_at_the_site(self.web, SINGLE.username, SINGLE.password)
            case "sign-in":
                return self.web.post("/login", data={"username": SINGLE.username, "password": SINGLE.password})
            case "home" | "list":
                return self.web.get("/home" if step == "home" else "/caselle")
            case "cart":
                self.web.get("/gestione-caselle")
                choice = {"casella": self.address, f"tipo:{self.address}": "STANDARD"}
                return self.web.post("/gestione-caselle", data={**choice, f"spazio:{self.address}": "0"})
            case "kit":
                self.web.get("/kit")
                return self.web.post("/kit", data={"kit": "no"})
            case "holder":
                self.web.get("/dati-intestatario")
                return self.web.post("/dati-intestatario")
            case "form":
                return self.web.get("/modulo-ordine")
            case "recalculation":
                return self.web.post(f"{form_at}/ricalcola", data=self._filled())
            case _:
                token = re.search(r'name="modulo" value="([^"]+)"', self.web.get(form_at).text)
                return self.web.post(form_at, data={**self._filled(), **({"modulo": token[1]} if token else {})})

    def _filled(self) -> dict[str, object]:
        required = [str(index) for index, one in enumerate(self.portal.truth.options.consents) if one.required]
        return {"modalita": "bonifico", "frequenza": "1", "consenso": required, "sconto": ""}
