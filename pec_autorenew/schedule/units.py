"""The text of the systemd service and of its timer; nothing here touches the machine."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import ConfigError
from pec_autorenew.schedule.wanted import CHECK, NAME, RENEW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from pec_autorenew.schedule.job import Job

_DOES: Final[Mapping[str, str]] = MappingProxyType(
    {RENEW: "Renew the PEC mailboxes that are due", CHECK: "Look what has changed on the PEC portal, and order nothing"}
)
#: What is run, and what it is told: the timer has the random delay, so the run has none.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {RENEW: (RENEW, "--quiet", "--no-jitter"), CHECK: (CHECK, "--quiet")}
)

_HEAD: Final = """\
{line}
# Written by `{name} schedule install`, which will write it again. Lines of your own: `systemctl edit {unit}`.

"""

_UNIT: Final = """\
[Unit]
Description={does}
{after}# Exit 75 (another run, no network, maintenance) is tried again, three times at most; the timer comes back.
StartLimitIntervalSec=6h
StartLimitBurst=4

[Service]
Type=oneshot
ExecStart={command}
{user}Environment=PYTHONUNBUFFERED=1 LANG=C.UTF-8
{secrets}{state}WorkingDirectory=/
UMask=0077

# Every other code than 0 and 75 is for a person, and stays to be seen in `systemctl --failed`.
Restart=on-failure
RestartSec=30min
RestartPreventExitStatus=1 2 3 4 5 6 7 8 78
# The run has a deadline of its own; this is the one behind it.
TimeoutStartSec={longest}
# The run is asked to end and ends its browser itself, for an answer may be on the way; then nothing of it remains.
KillMode=mixed
TimeoutStopSec=2min
Nice=10
IOSchedulingClass=idle
"""

_HARDENING: Final = """
# -- what it cannot do --
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateUsers=yes
ProtectSystem=strict
ProtectHome={homes}
{writes}PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectProc=invisible
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
PrivateMounts=yes
RemoveIPC=yes
KeyringMode=private
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
# The browser's own sandbox needs three kinds of namespaces, in them chroot and capset, and filters of its own.
# MemoryDenyWriteExecute= is absent because a script engine writes code and runs it; ProcSubset= because memory and the
# time of the start are read there.
RestrictNamespaces=user pid net
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallFilter=seccomp chroot capset
"""

_TIMER: Final = """\
[Unit]
Description={does}, each day

[Timer]
OnCalendar={calendar}
# A day on which the machine was off is caught up.
Persistent=true
RandomizedDelaySec={jitter}
AccuracySec=1min

[Install]
WantedBy=timers.target
"""


def units(job: Job) -> dict[str, str]:
    """Return the units' texts by their names."""
    wanted = job.wanted
    name, does = wanted.job, _DOES[wanted.command]
    service = _HEAD.format(line=wanted.line, name=NAME, unit=service_of(name)) + _UNIT.format(
        does=does,
        after="Wants=network-online.target\nAfter=network-online.target time-sync.target\n" if wanted.system else "",
        command=command_line(job),
        user=f"User={wanted.user}\n" if wanted.system else "",
        secrets=_secrets(job),
        state=_state(job.state_directory),
        longest=_seconds(job.longest),
    )
    # Without root, the folders above can be shut only from within a user namespace, which PrivateUsers= makes.
    homes = "yes" if wanted.system and not job.needs_homes else "read-only"
    folders = [*([] if job.state_directory else [job.state_dir]), *job.writes]
    writes = f"ReadWritePaths={' '.join(map(quoted, folders))}\n" if folders else ""
    hour_and_minute = wanted.hour_and_minute
    calendar = wanted.at if hour_and_minute is None else "*-*-* {:02}:{:02}:00".format(*hour_and_minute)
    timer = _HEAD.format(line=wanted.line, name=NAME, unit=timer_of(name))
    timer += _TIMER.format(does=does, calendar=calendar, jitter=_seconds(job.jitter))
    return {service_of(name): service + _HARDENING.format(homes=homes, writes=writes), timer_of(name): timer}


def service_of(job: str) -> str:
    """Return the name of a job's service."""
    return f"{job}.service"


def timer_of(job: str) -> str:
    """Return the name of a job's timer."""
    return f"{job}.timer"


def command_line(job: Job) -> str:
    """Return the value of ExecStart=.

    Raises ConfigError for a program that systemd would not start. In arguments, and there only, `$` begins a variable.
    """
    program, *arguments = job.program
    if set(program) & set("\"'\\"):
        raise ConfigError(f"{program}: systemd starts no program whose path has quotes in it: install it elsewhere.")
    words = (*arguments, *_WORDS[job.wanted.command])
    return " ".join([quoted(program), *(quoted(word.replace("$", "$$")) for word in words)])


def literal(text: str) -> str:
    """Return a text as it stands where systemd takes all of a line: its specifiers taken literally."""
    return text.replace("%", "%%")


def quoted(text: str) -> str:
    """Return a word as it stands among others in a unit: specifiers, quotes and blanks taken literally."""
    text = literal(text)
    if not set(text) & set(" \t\"'\\;"):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _secrets(job: Job) -> str:
    lines = [
        f"LoadCredential{'Encrypted' if one.encrypted else ''}={one.name}:{literal(one.path)}\n"
        for one in job.wanted.credentials
    ]
    if job.wanted.environment_file:
        lines.append(f"EnvironmentFile={literal(job.wanted.environment_file)}\n")
    return "".join(lines)


def _state(folder: str) -> str:
    """Let systemd make the state folder; where it is within the user's own home, that too, or it would be root's."""
    if not folder:
        return ""
    folders = [NAME, folder] if folder.startswith(f"{NAME}/") else [folder]
    return f"StateDirectory={' '.join(map(quoted, folders))}\nStateDirectoryMode=0700\n"


def _seconds(duration: timedelta) -> str:
    return f"{int(duration.total_seconds())}s"
