#!/usr/bin/env bash
# Rewrites constraints.txt: the versions that a fresh environment gets today, with every extra and the tools for tests.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
"${PYTHON:-python3}" -m venv "$fresh/venv"
pip="$fresh/venv/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input"
extras=$("$fresh/venv/bin/python" -c 'import tomllib
print(",".join(tomllib.load(open("pyproject.toml", "rb"))["project"].get("optional-dependencies", {})))')

$pip install --upgrade pip
# The build's own requirements are pinned too: setup.sh hands the same file to the isolated build.
$pip install --group dev hatchling editables --editable ".[$extras]"
{
    echo "# Exact versions for development, tests and CI; written by scripts/pins.sh."
    $pip freeze --all --exclude-editable | grep -E '^[A-Za-z0-9._-]+==' | grep -viE '^(setuptools|wheel)=='
} > "$fresh/constraints.txt"
mv "$fresh/constraints.txt" constraints.txt
