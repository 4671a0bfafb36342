"""The `[portal]` table: where the portal is, what the browser may reach, what the portal calls its elements.

Annotations are evaluated at run time here, by pydantic.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pec_autorenew.config.values import (
    Section,
    Whole,
    host_matches,
    host_of,
    is_loopback,
    origin_of,
    read_base_url,
    read_host,
    read_origin,
)
from pec_autorenew.names import known_keys

LOGIN_ORIGINS: Final = ("https://areaclienti.pec.it", "https://login.aruba.it")
ALLOWED_HOSTS: Final = ("*.pec.it", "*.aruba.it")

OverridesT = TypeVar("OverridesT", bound=Mapping[str, object])


def _flatten(value: object) -> object:
    """Turn `page.element = …` tables into one dictionary; what was said is checked by the field's own type."""
    if not isinstance(value, Mapping):
        return value
    flat: dict[str, object] = {}
    for page, elements in value.items():
        if isinstance(elements, Mapping):
            flat.update({f"{page}.{element}": said for element, said in elements.items()})
        else:
            flat[str(page)] = elements
    return flat


def _as_lists(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {key: (said,) if isinstance(said, str) else said for key, said in value.items()}


def _refuse_unknown_elements(value: OverridesT) -> OverridesT:
    """Refuse misspelt elements (DRF-3), and name the one that was probably meant."""
    known = known_keys()
    problems = []
    for key in value:
        if key not in known:
            near = get_close_matches(key, known, 1)
            problems.append(f"{key} is no element of the portal" + (f" (did you mean {near[0]}?)" if near else ""))
    if problems:
        raise ValueError("; ".join(problems))
    return value


Words = Annotated[str, Field(min_length=1)]
Names = Annotated[
    dict[str, Annotated[tuple[Words, ...], Field(min_length=1)]],
    BeforeValidator(_as_lists),
    BeforeValidator(_flatten),
    AfterValidator(_refuse_unknown_elements),
]
Locators = Annotated[dict[str, Words], BeforeValidator(_flatten), AfterValidator(_refuse_unknown_elements)]


class Portal(Section):
    """Where the portal is, where a password may be typed, what the browser may reach."""

    base_url: Annotated[str, AfterValidator(read_base_url)] = "https://areaclienti.pec.it/"
    login_origins: Annotated[tuple[Annotated[str, AfterValidator(read_origin)], ...], Field(min_length=1)] = (
        LOGIN_ORIGINS
    )
    allowed_hosts: Annotated[tuple[Annotated[str, AfterValidator(read_host)], ...], Field(min_length=1)] = ALLOWED_HOSTS
    max_pages_per_minute: Annotated[Whole, Field(ge=1, le=600)] = 30
    names: Names = Field(default_factory=dict)
    locators: Locators = Field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The origin of `base_url`."""
        return origin_of(self.base_url)

    @property
    def host(self) -> str:
        """The host of `base_url`."""
        return host_of(self.base_url)

    @property
    def is_loopback(self) -> bool:
        """Whether this is a portal for tests: plain http, root and a clock of one's own are accepted."""
        return is_loopback(self.host)

    def allows(self, host: str) -> bool:
        """Whether the browser may reach `host` (SEC-3)."""
        return any(host_matches(host.lower(), pattern) for pattern in self.allowed_hosts)

    @model_validator(mode="before")
    @classmethod
    def _follow_a_loopback_portal(cls, value: Any) -> Any:  # noqa: ANN401 - whatever somebody wrote
        """Let a test name `base_url` only; lists that differ from the defaults count as they were written."""
        if not isinstance(value, Mapping) or not isinstance(value.get("base_url"), str):
            return value
        try:
            base = read_base_url(value["base_url"])
        except ValueError:
            return value
        if not is_loopback(host_of(base)):
            return value
        given = dict(value)
        if _is_default(given.get("login_origins"), LOGIN_ORIGINS):
            given["login_origins"] = (origin_of(base),)
        if _is_default(given.get("allowed_hosts"), ALLOWED_HOSTS):
            origins = [origin for origin in given["login_origins"] if isinstance(origin, str)]
            given["allowed_hosts"] = tuple(dict.fromkeys(host_of(address) for address in (base, *origins)))
        return given

    @model_validator(mode="after")
    def _reach_what_is_named(self) -> Self:
        strangers = [place for place in (self.base_url, *self.login_origins) if not self.allows(host_of(place))]
        if strangers:
            raise ValueError(f"allowed_hosts does not cover {', '.join(dict.fromkeys(strangers))}")
        return self


def _is_default(value: object, default: tuple[str, ...]) -> bool:
    return value is None or (isinstance(value, list | tuple) and tuple(value) == default)
