"""Pages of HTML: whatever is put into one is text, and never markup."""

from __future__ import annotations


def page(template: str, /, **facts: object) -> str:
    """Return a template filled in; a fact that it misses is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("pec_autorenew.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template(template).render(**facts)
