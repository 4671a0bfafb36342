"""The bare HTTP exchange of the same pages: what the portal alone costs (layout g2)."""

from __future__ import annotations

import sys

import httpx

_HOLDER = {
    "nome": "Bianca",
    "cognome": "Sorbo",
    "codice_fiscale": "XXXXXX00A00X000X",
    "indirizzo": "Via dell'Esempio 1, 00000 Paese Inventato (XX)",
    "email": "bianca.sorbo@posta.example",
}


def main() -> None:
    """Exchange the pages of one order for the addresses, from the sign-in to the proof in the list."""
    url, user, password, *addresses = sys.argv[1:]
    with httpx.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=60) as web:
        web.get("/")
        web.post("/login", data={"username": user, "password": password})
        web.get("/caselle")
        if len(addresses) > 1:
            web.get("/")
        cart = web.get("/gestione-caselle").text
        types = {one: next(kind for kind in ("PREMIUM", "PRO", "STANDARD") if kind in cart) for one in addresses}
        web.post(
            "/gestione-caselle",
            data={"casella": addresses}
            | {f"tipo:{one}": types[one] for one in addresses}
            | {f"spazio:{one}": "0" for one in addresses},
        )
        web.post("/kit", data={"kit": "no"})
        web.post("/dati-intestatario", data=_HOLDER)
        form = {"modalita": "bonifico", "frequenza": "1", "consenso": ["0", "1", "2"], "sconto": ""}
        web.post("/modulo-ordine", data=form)
        web.get("/")
        web.get("/caselle")


if __name__ == "__main__":
    main()
