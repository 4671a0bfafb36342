"""`make bench`: the client against a hand-recorded script, the bare exchange, and certbot; ratios within one run.

Every figure is the median of a few interleaved samples. Renewals are timed twice: as whole processes, interpreter and
imports included, and from the start of the browser to the proof.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.launching import find_browser

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES: Final = 5
LATENCIES: Final = (0, 300)
BROWSER: Final = find_browser().executable or ""
CLOCK: Final = "2026-12-01T09:00:00+01:00"
CONFIG: Final = """\
[portal]
base_url = "{url}"
[ledger]
state_dir = "{state}"
[limits]
max_per_mailbox = "60.00"
max_per_run = "400.00"
max_per_month = "500.00"
[mandate]
given_by = "Prova Provetti"
given_on = 2026-11-01
accept = ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"]
[[accounts]]
name = "bench"
username = "{user}"
password = {{ env = "BENCH_PASSWORD" }}
"""
#: scenario -> user, password
CUSTOMERS: Final = {"single": ("200001@aruba.it", "single-password"), "many": ("300001@aruba.it", "many-password")}


class Portal:
    """The mock portal in a process of its own, and its control API."""

    def __init__(self, url: str, control: str) -> None:
        self.url, self.control = url, control

    def say(self, path: str, **body: object) -> None:
        """Tell the control API something."""
        request = urllib.request.Request(f"{self.control}{path}", json.dumps(body).encode(), method="POST")
        urllib.request.urlopen(request).read()

    def truth(self) -> dict[str, list[dict[str, object]]]:
        """Ask the control API for the truth."""
        truth: dict[str, list[dict[str, object]]] = json.load(urllib.request.urlopen(f"{self.control}truth"))
        return truth


@contextmanager
def mock_portal(scenario: str) -> Iterator[Portal]:
    """Serve a scenario in layout g2."""
    command = [sys.executable, "-m", "pec_autorenew", "mock-portal", "serve", "--scenario", scenario]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        lines = [process.stdout.readline(), process.stdout.readline()]
        url, control = (re.search(r"http://[\d.]+:\d+/", line) for line in lines)
        assert url is not None  # noqa: S101 - else it could not start, and has said why
        assert control is not None  # noqa: S101 - likewise
        try:
            yield Portal(url[0], control[0])
        finally:
            process.terminate()


def run(*command: str, **environment: str) -> tuple[float, float]:
    """Run a process; return its wall time and the time that its last line says, or 0, in seconds."""
    started = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    took = time.perf_counter() - started
    if done.returncode not in {0, 7}:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    last = (done.stdout.split() or [""])[-1]
    return took, float(last) if re.fullmatch(r"[\d.]+", last) else 0.0


def renewals(scenario: str, latency: int) -> tuple[dict[str, float], int]:
    """Return the medians of client, script and exchange, and how many answers of the portal the client waited for."""
    user, password = CUSTOMERS[scenario]
    names = ("client", "its work", "same pages", "script's work", "plain script", "bare HTTP")
    times: dict[str, list[float]] = {name: [] for name in names}
    hits = 0
    with mock_portal(scenario) as portal, tempfile.TemporaryDirectory() as folder:
        rows = [one for one in portal.truth()["mailboxes"] if one["renewable"] and str(one["expiry"]) <= "2026-12-31"]
        due = [str(one["address"]) for one in rows]
        script = [sys.executable, "-m", "bench.recorded", portal.url, user, password, BROWSER]
        for number in range(SAMPLES):
            config = Path(folder) / f"{number}.toml"
            state = Path(folder) / f"state{number}"
            config.write_text(CONFIG.format(url=portal.url, state=state, user=user), encoding="utf-8")
            other = Path(folder) / f"{number}-work.toml"
            other.write_text(CONFIG.format(url=portal.url, state=f"{state}-work", user=user), encoding="utf-8")
            client = [sys.executable, "-m", "pec_autorenew"]
            run(*client, "history", "-c", str(config))  # an existing ledger, as on every run but the first
            warm = Path(folder) / "driver"
            commands = {
                "client": [*client, "renew", "--quiet", "-c", str(config)],
                "its work": [sys.executable, "-m", "bench.client", str(other)],
                "same pages": [*script, "--same-pages", *due],
                "plain script": [*script, *due],
                "bare HTTP": [sys.executable, "-m", "bench.exchange", portal.url, user, password, *due],
            }
            for name, command in commands.items():
                portal.say("reset", scenario=scenario)
                portal.say("settings", latency_ms=latency)
                extra = {"BENCH_PASSWORD": password, "PEC_AUTORENEW_CLOCK": CLOCK}
                if name in {"client", "its work"}:  # and a driver that has been compiled before
                    extra["NODE_COMPILE_CACHE"] = str(warm)
                wall, inner = run(*command, **extra)
                times[name].append(inner if name == "its work" else wall)
                if name == "same pages":
                    times["script's work"].append(inner)
                truth = portal.truth()
                ordered = sorted(str(line["address"]) for order in truth["orders"] for line in order["lines"])  # type: ignore[attr-defined]
                if ordered != sorted(due):
                    raise SystemExit(f"{name} ordered {ordered} instead of {due}")
                hits = len(truth["hits"]) if name == "client" else hits
    return {name: statistics.median(samples) for name, samples in times.items()}, hits


def browser_start() -> float:
    """Return how long Playwright and its browser take to stand ready, in a process of their own."""
    code = (
        "from playwright.sync_api import sync_playwright as s\n"
        f"with s() as p:\n p.chromium.launch(executable_path={BROWSER!r}).new_page()"
    )
    return statistics.median(run(sys.executable, "-c", code)[0] for _ in range(SAMPLES))


def certbot() -> Path:
    """Return certbot from PyPI in an environment of its own."""
    home = Path(".venv-certbot")
    if not (home / "bin" / "certbot").exists():
        venv.create(home, with_pip=True, clear=True)
        run(str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "certbot")
    return home / "bin" / "certbot"


def starting() -> None:
    """Print the times to say help and to find that nothing is due, against certbot's."""
    other = certbot()
    with tempfile.TemporaryDirectory() as folder, mock_portal("nothing-due") as portal:
        user, password = CUSTOMERS["single"]
        config = Path(folder) / "config.toml"
        config.write_text(CONFIG.format(url=portal.url, state=f"{folder}/state", user=user), encoding="utf-8")
        renew = [sys.executable, "-m", "pec_autorenew", "renew", "--quiet", "-c", str(config)]
        secret = {"BENCH_PASSWORD": password, "PEC_AUTORENEW_CLOCK": CLOCK}
        run(*renew, **secret)  # the survey that proves that nothing is due
        before = len(portal.truth()["hits"])
        folders = [arg for name in ("config", "work", "logs") for arg in (f"--{name}-dir", f"{folder}/{name}")]
        pairs: dict[str, tuple[list[float], list[float]]] = {"--help": ([], []), "renew, nothing due": ([], [])}
        for _ in range(SAMPLES * 2):
            helps, renews = pairs["--help"], pairs["renew, nothing due"]
            helps[0].append(run(sys.executable, "-m", "pec_autorenew", "--help")[0])
            helps[1].append(run(str(other), "--help")[0])
            renews[0].append(run(*renew, **secret)[0])
            renews[1].append(run(str(other), "renew", *folders)[0])
        if len(portal.truth()["hits"]) != before:
            raise SystemExit("the run with nothing due went to the portal")
    print("\nStarting            client    certbot   ratio")
    for name, (ours, theirs) in pairs.items():
        mine, other_time = statistics.median(ours), statistics.median(theirs)
        print(f"{name:18} {mine * 1000:6.0f} ms {other_time * 1000:7.0f} ms {mine / other_time:7.2f}")


def main() -> None:
    """Print all tables."""
    start = browser_start()
    print(f"Medians of {SAMPLES} interleaved samples; one browser start takes {start:.2f} s.")
    print("«work»: from the start of the browser to the proof in the order list; the rest are whole processes.\n")
    columns = ("client", "same pages", "plain script", "bare HTTP", "its work", "script's work")
    print(f"{'Renewal':14} {'latency':>8} " + " ".join(f"{name:>13}" for name in columns))
    ratios = []
    for scenario, name in (("single", "one mailbox"), ("many", "ten mailboxes")):
        for latency in LATENCIES:
            took, hits = renewals(scenario, latency)
            print(f"{name:14} {latency:5} ms " + " ".join(f"{took[column]:11.2f} s" for column in columns))
            # What cannot be faster: the portal's own answers, one after the other, and one browser start.
            floor = took["bare HTTP"] + start
            ratios.append(
                (
                    name,
                    latency,
                    hits,
                    took["its work"] / took["script's work"],
                    took["client"] / took["same pages"],
                    took["client"] / floor,
                )
            )
    print("\nClient against     latency  answers   script's work  script's process  portal and browser start")
    for name, latency, hits, work, process, portal in ratios:
        print(f"{name:17} {latency:5} ms {hits:8} {work:15.2f} {process:17.2f} {portal:25.2f}")
    starting()


if __name__ == "__main__":
    main()
