"""The site's configuration. `make site` builds it, without a network; its pages load nothing from anywhere."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

project = "pec_autorenew"
author = "The authors of pec_autorenew"
language = "en"
smartquotes = False

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click", "sphinxcontrib.mermaid", "diagrams", "from_code"]

myst_enable_extensions = ["attrs_inline", "html_image"]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]

# Names of the documented packages have to lead somewhere; what Playwright or Python calls its own is not looked up.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!pec_autorenew\.(pages|flows|qa)\.).*"),
    ("py:class", r".*\.[A-Z]"),
]  # and type variables
# Two modules may have a class of one name; which of them a signature means, it does not say.
suppress_warnings = ["ref.python"]
# A single `word` in a docstring is code, as in Markdown.
default_role = "literal"
autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": True}
add_module_names = False
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

mermaid_output_format = "svg"  # no scripts from elsewhere: `diagrams` writes them

html_theme = "furo"
html_title = "pec_autorenew"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
