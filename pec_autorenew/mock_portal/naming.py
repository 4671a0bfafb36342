"""Random names for ids, classes and custom elements, to show that no client depends on them."""

from __future__ import annotations

import hashlib
import re

TOKEN = re.compile(r"mk-[A-Za-z0-9_-]*[A-Za-z0-9]")
CONSONANTS = "bcdfglmnprstvz"
VOWELS = "aeiou"
SYLLABLES = 8


class Renamer:
    """Replaces every `mk-` token in markup, styles and scripts, always by the same word."""

    def __init__(self, seed: int | None) -> None:
        """Choose the words by the seed; without one, every name stays as it is."""
        self._seed = seed

    def __call__(self, text: str) -> str:
        """Rename what is to be renamed."""
        return text if self._seed is None else TOKEN.sub(lambda match: self._word(match[0]), text)

    def _word(self, token: str) -> str:
        """Make up a word with a hyphen inside, which is a valid class and a valid custom element too."""
        digest = hashlib.sha256(f"{self._seed}:{token}".encode()).digest()
        pairs = zip(digest[:SYLLABLES], digest[SYLLABLES : 2 * SYLLABLES], strict=True)
        syllables = [CONSONANTS[first % len(CONSONANTS)] + VOWELS[second % len(VOWELS)] for first, second in pairs]
        half = SYLLABLES // 2
        return f"{''.join(syllables[:half])}-{''.join(syllables[half:])}"
