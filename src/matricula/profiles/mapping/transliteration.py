"""Text in ASCII letters."""

import re
import unicodedata
from functools import cache

import polars as pl

_OF_THEIR_OWN = """
ß ss ẞ SS æ ae Æ AE œ oe Œ OE ø o Ø O ł l Ł L đ d Đ D ð d Ð D þ th Þ Th ħ h Ħ H ı i ĸ k ŋ ng Ŋ Ng ŧ t Ŧ T
ƒ f ə e Ə E ɛ e Ɛ E ɔ o Ɔ O ɖ d Ɖ D ƙ k Ƙ K ɓ b Ɓ B ɗ d Ɗ D ƴ y Ƴ Y ɣ g Ɣ G ɲ n Ɲ N
α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o
а a б b в v г g ґ g д d ђ dj е e ё yo є ye ж zh з z ѕ dz и i й y і i ї yi ј j к k ќ kj л l љ lj м m н n њ nj о o п p
р r с s т t ћ c у u ў u ф f х kh ц ts ч ch џ dz ш sh щ shch ы y э e ю yu я ya ѓ gj
’ ' ‘ ' ‚ ' ‛ ' ′ ' ʼ ' ʹ ' “ " ” " „ " ‟ " ″ " « " » " ‹ ' › '
‐ - ‑ - ‒ - – - — - ― - − - … ... · . • * € EUR £ GBP × x ÷ /
"""
_SCANNED = ((0x80, 0x3100), (0xA640, 0xAB70), (0xFB00, 0xFB50), (0xFF00, 0xFFF0))
_NOT_ASCII = r"[^\x00-\x7F]+"


def transliterated(text: pl.Expr) -> pl.Expr:
    """Text in ASCII letters; what cannot be written so is left out.

    Args:
        text: a String expression.
    """
    spellings = _spellings()
    return text.str.replace_many(list(spellings), list(spellings.values())).str.replace_all(_NOT_ASCII, "")


@cache
def _spellings() -> dict[str, str]:
    """ASCII for single characters: our own table, and for the rest what Unicode's compatibility form (NFKD) holds.

    One table is gone through once for each text, which is several times faster than bringing the text into that
    form.
    """
    own = _own()
    spellings = dict(own)
    for start, end in _SCANNED:
        for letter in map(chr, range(start, end)):
            parts = unicodedata.normalize("NFKD", letter)
            spelling = "".join(own.get(part, part if part.isascii() else "") for part in parts)
            if spelling and letter not in spellings:
                spellings[letter] = spelling
    return spellings


def _own() -> dict[str, str]:
    pairs = re.findall(r"(\S+) (\S+)", _OF_THEIR_OWN)
    small = dict(pairs)
    capital = {letter.upper(): spelling.capitalize() for letter, spelling in pairs if len(letter.upper()) == 1}
    return capital | small
