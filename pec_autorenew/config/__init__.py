"""The only place that reads settings: command line, environment, file, default; frozen values come out.

    config = load_config()
    policy = config.policy_for(account, "studio@pec.it")

`values` are the kinds of things one can write; `portal`, `models` and `settings` the keys; `sources` what was said
where; `loading` the way from there to a configuration, or to a list of all that is wrong; `showing` the way back.
"""

from pec_autorenew.config.clock import Clock, clock_from_env
from pec_autorenew.config.loading import default_path, example_text, load_config
from pec_autorenew.config.models import (
    Account,
    Billing,
    Browser,
    Channel,
    Client,
    Encryption,
    Grouping,
    Hooks,
    Ledger,
    Limits,
    Mail,
    MailboxSettings,
    Monitoring,
    Notify,
    Renewal,
    Severity,
    SignIn,
    Worker,
)
from pec_autorenew.config.portal import Portal
from pec_autorenew.config.settings import Config, RenewalPolicy, require_for_renew
from pec_autorenew.config.showing import effective, masked_dump
from pec_autorenew.config.values import Approval, SecretReference, host_of, is_loopback, origin_of

__all__ = [
    "Account",
    "Approval",
    "Billing",
    "Browser",
    "Channel",
    "Client",
    "Clock",
    "Config",
    "Encryption",
    "Grouping",
    "Hooks",
    "Ledger",
    "Limits",
    "Mail",
    "MailboxSettings",
    "Monitoring",
    "Notify",
    "Portal",
    "Renewal",
    "RenewalPolicy",
    "SecretReference",
    "Severity",
    "SignIn",
    "Worker",
    "clock_from_env",
    "default_path",
    "effective",
    "example_text",
    "host_of",
    "is_loopback",
    "load_config",
    "masked_dump",
    "origin_of",
    "require_for_renew",
]
