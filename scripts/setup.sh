#!/usr/bin/env bash
# Everything that the project needs on this machine: .venv, the pinned packages, a browser. May be repeated.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

# Installs Debian packages where that is ours to do; false elsewhere, and where Debian does not have them.
debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 1
    export DEBIAN_FRONTEND=noninteractive
    local install=(apt-get install --yes --quiet --quiet --no-install-recommends "$@")
    "${install[@]}" < /dev/null > /dev/null 2>&1 && return
    apt-get update --quiet --quiet < /dev/null > /dev/null 2>&1 && "${install[@]}" < /dev/null > /dev/null
}

# -- Python ------------------------------------------------------------------------------------------------------------

python=
for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { say "Python 3.11 or later is needed (PYTHON=… names one)"; exit 1; }

if ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    debian "python$version-venv" || { say "$python lacks venv: install python$version-venv"; exit 1; }
fi

if ! .venv/bin/python -c 'import pip' 2> /dev/null; then
    say "creating .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

say "installing the pinned packages"
pip() { .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input "$@"; }
export PIP_ROOT_USER_ACTION=ignore
# First pip itself: the one that came with Python may not know dependency groups.
pip install --constraint constraints.txt --upgrade pip
pip install --constraint constraints.txt --build-constraint constraints.txt --group dev --editable .

# Playwright's own node needs a library that a bare Debian lacks.
.venv/bin/playwright --version > /dev/null 2>&1 || debian libatomic1 || say "Playwright does not start: install libatomic1"

# -- a browser ---------------------------------------------------------------------------------------------------------

# Headless shell for speed, the full browser for visible windows, the sandbox's helper for kernels that need it, and a
# font, without which pictures show boxes.
browser() {
    [ -x /usr/lib/chromium/chromium-headless-shell ] && return
    debian chromium-headless-shell chromium chromium-sandbox fonts-dejavu-core && return
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable microsoft-edge; do
        command -v "$name" > /dev/null && return
    done
    case "$(uname -s)" in
        Darwin) [ -d "/Applications/Google Chrome.app" ] && return ;;
    esac
    .venv/bin/playwright install --list 2> /dev/null | grep -q chromium && return
    say "no browser is installed: asking Playwright for its own"
    timeout 300 .venv/bin/playwright install --only-shell chromium < /dev/null
}
# For the tests of messages by mail: a real server, which they start themselves.
[ -x /usr/sbin/exim4 ] || debian exim4-daemon-light || say "without Exim the tests of messages by mail are skipped"


# For the tests of mails that are read. Where there is a systemd, Debian would start it as a service of the machine: that is not ours.
if [ ! -x /usr/sbin/dovecot ] && { [ -d /run/systemd/system ] || ! debian dovecot-imapd; }; then
    say "without Dovecot (dovecot-imapd) the tests of IMAP are skipped"
fi

# For the tests of a ledger on PostgreSQL, which run a server of their own. Debian would start one for the machine: not so.
if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null; then
    [ "$(id -u)" != 0 ] || { mkdir -p /etc/postgresql-common/createcluster.d &&
        echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/pec-autorenew.conf; }
    { [ ! -d /run/systemd/system ] && debian postgresql; } || say "without PostgreSQL the tests of a shared ledger are skipped"
fi

# For the tests of visible windows.
command -v Xvfb > /dev/null || debian xvfb || say "without Xvfb the tests of visible windows are skipped"

browser || say "there is no browser yet: install Chromium, Chrome or Edge, then run \`make setup\` again"

say "done"
