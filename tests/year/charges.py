"""What a year is judged for."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias


class Charge(StrEnum):
    """A kind of wrong; of each there must be none."""

    TWICE = "ordered twice"
    TOO_MUCH = "too much"
    NOT_WANTED = "not wanted"
    LEFT_OUT = "left out"
    SILENT = "silent"
    NOT_SHOUTED = "not shouted"
    FALSE_ALARM = "false alarm"
    NOT_REMINDED = "not reminded"
    NAGGED = "nagged"
    FALSE_REPORT = "false report"
    IDLE_VISIT = "idle visit"
    UNTRUE_LEDGER = "untrue ledger"
    UNTRUE_BOOKS = "untrue books"
    UNTRUE_CALENDAR = "untrue calendar"
    NO_LETTER = "no letter"
    NOISE = "noise"
    #: What the judges of the state machine and of the faults find, in their own words.
    OTHER_JUDGES = "other judges"


#: What was found, and in which words it is told.
Finding: TypeAlias = tuple[Charge, str]
