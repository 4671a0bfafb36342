"""docs/mock-portal.md: its examples do what stands behind them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

TEXT = (Path(__file__).parents[2] / "docs" / "mock-portal.md").read_text("utf-8")
_CURL = re.compile(r"^curl -s \$CONTROL(?P<path>/\S+)(?: -d '(?P<body>[^']*)')?  # (?P<answer>\{.*\})$", re.MULTILINE)
_CALL = re.compile(r"^\| (`POST [^|]+) \|", re.MULTILINE)


def part_of(told: object, answer: object) -> bool:
    """Whether an answer is, or holds, what the document tells of it; a text may go on."""
    if isinstance(told, dict) and isinstance(answer, dict):
        return all(key in answer and part_of(value, answer[key]) for key, value in told.items())
    return answer.startswith(told) if isinstance(told, str) and isinstance(answer, str) else told == answer


def test_control_api_s_examples_are_answered_as_documented(control: httpx.Client) -> None:
    """Each line as it stands there, one after the other."""
    lines = list(_CURL.finditer(TEXT))
    assert len(lines) == TEXT.count("curl -s")
    number = ""
    for line in lines:
        body: Any = line["body"]
        path = line["path"].replace("$NUMBER", number)
        answer = control.post(path, content=body) if body is not None else control.get(path)
        number = answer.json().get("number", number)
        told = json.loads(line["answer"])
        assert answer.status_code == (400 if "error" in told else 200), line[0]
        assert part_of(told, answer.json()), f"{line[0]}\n{answer.text}"


def test_each_kind_of_call_has_an_example() -> None:
    """Of each thing that can be steered at least one call is shown."""
    shown = {line["path"].split("/")[1] for line in _CURL.finditer(TEXT)}
    documented = {path for row in _CALL.findall(TEXT) for path in re.findall(r"/([a-z]+)", row.split(",")[0])[:1]}
    assert documented - {"accounts"} <= shown  # an account is made as a mailbox is


def test_example_of_a_test_runs(tmp_path: Path) -> None:
    """The block of Python as it stands there, with the options that it names."""
    (block,) = re.findall(r"^```python\n(# pytest (.*) test_my_client\.py\n.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    (tmp_path / "test_my_client.py").write_text(block[0], "utf-8")
    done = subprocess.run(  # noqa: S603 - pytest
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *block[1].split(), "test_my_client.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("seed", [7])
def test_seed_draws_the_same_pages_each_time(control: httpx.Client, web: httpx.Client, seed: int) -> None:
    """The document says so, and a seed in a test is worth something only then."""
    drawn = []
    for _ in range(2):
        control.post("/reset", json={"scenario": "single", "layout": "g2", "chaos_seed": seed})
        web.cookies.clear()
        drawn.append(re.sub(r"127\.0\.0\.1:\d+", "", web.get("/").text))
    assert drawn[0] == drawn[1]
    assert f"seed: {seed}" in drawn[0]
