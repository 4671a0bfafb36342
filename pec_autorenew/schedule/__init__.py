"""Unattended runs: a systemd service with its timer, or a line for cron (ENV-1, ENV-2, TIM-2, SEC-1).

`wanted` is what somebody asked for, `job` what is to run, `units` and `cron` its texts, `secrets` what it can get at;
`files` and `machine` touch the machine, and `installing` says in which order.
"""

from pec_autorenew.schedule.installing import Found, Place, found, install, prepared, texts, uninstall
from pec_autorenew.schedule.machine import has_systemd, state_of_timer
from pec_autorenew.schedule.wanted import NAME, RENEW, TIMES, Credential, Wanted, job_name

__all__ = [
    "NAME",
    "RENEW",
    "TIMES",
    "Credential",
    "Found",
    "Place",
    "Wanted",
    "found",
    "has_systemd",
    "install",
    "job_name",
    "prepared",
    "state_of_timer",
    "texts",
    "uninstall",
]
