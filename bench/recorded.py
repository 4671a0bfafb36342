"""The renewal as somebody would record it by hand with Playwright's recorder: explicit selectors, default waits.

Made for the mock's layout g2 only, with its form field names; no check, no ledger, no proof unless asked for. Run as
`python -m bench.recorded URL USER PASSWORD BROWSER [--same-pages] ADDRESS...`; the last line of stdout is the time in
seconds, from the start of its browser on, imports left out.
"""

from __future__ import annotations

import sys
import time

from playwright.sync_api import sync_playwright


def main() -> None:
    """Renew the addresses in one order."""
    url, user, password, browser_path, *rest = sys.argv[1:]
    same_pages = "--same-pages" in rest
    addresses = [one for one in rest if not one.startswith("--")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path)
        page = browser.new_page()
        page.goto(url)
        page.locator("input[type=text]").first.fill(user)
        page.locator("input[type=password]").fill(password)
        page.locator("input[type=submit]").first.click()
        page.wait_for_load_state()
        if same_pages:  # the client looks at the list before it orders
            page.get_by_role("link", name="GESTISCI").first.click()
            page.get_by_role("heading", name="Ordini associati al servizio").wait_for()
            if len(addresses) > 1:
                page.goto(url)
        if same_pages and len(addresses) == 1:
            page.get_by_role("link", name="Rinnova", exact=True).first.click()
        else:
            page.get_by_role("link", name="Rinnova caselle").click()
        page.get_by_role("heading", name="Gestione caselle PEC").wait_for()
        boxes = page.locator("input[type=checkbox]")
        for row in page.locator("tr:has(input[type=checkbox])").all() if boxes.count() else []:
            wanted = any(address in row.inner_text() for address in addresses)
            row.locator("input[type=checkbox]").set_checked(wanted)
        page.locator("input[type=submit]").last.click()
        page.get_by_role("heading", name="kit di Firma Digitale").wait_for()
        page.locator("input[type=radio]").last.check()
        page.locator("input[type=submit]").last.click()
        page.get_by_role("heading", name="Dati Intestatario").wait_for()
        page.locator("input[type=submit]").last.click()
        page.get_by_role("heading", name="Modulo Ordine").wait_for()
        page.get_by_label("Bonifico").check()
        page.get_by_label("Condizioni generali").check()
        page.get_by_label("clausole vessatorie").check()
        page.get_by_label("informativa relativa").check()
        page.locator("input[type=submit]").last.click()
        page.get_by_text("Numero ordine").wait_for()
        if same_pages:  # and proves the order in the list
            page.goto(url)
            page.get_by_role("link", name="GESTISCI").first.click()
            page.get_by_text("Attesa pagamento").first.wait_for()
        browser.close()


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(time.perf_counter() - started)
