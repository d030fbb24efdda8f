"""How words are compared: what one customer types and another one types differently is the same."""

import unicodedata


def folded(text: str) -> str:
    """Width, case, the accents of Latin letters, and white space do not matter: ` ＣＡＦÉ ` is `cafe`."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if plain.isascii():
        return plain
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", plain):
        if unicodedata.combining(character):
            if is_latin(base):
                continue
        else:
            base = character
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def is_latin(character: str) -> bool:
    """Whether it is a letter of the Latin script."""
    if character.isascii():
        return character.isalpha()
    return unicodedata.name(character, "").startswith("LATIN ")


def stands_in(word: str, text: str) -> bool:
    """Whether `word` stands in `text`, both folded. Latin letters and digits only as whole words: no `tea` in `steam`.

    Chinese and other scripts without spaces between words may stand anywhere: `奶茶` in `我要奶茶`.
    """
    at = text.find(word) if word else -1
    while at >= 0:
        end = at + len(word)
        if not _joined(text[at - 1 : at], word[0]) and not _joined(word[-1], text[end : end + 1]):
            return True
        at = text.find(word, at + 1)
    return False


def _joined(left: str, right: str) -> bool:
    """Whether the two characters are of one word that spaces would mark."""
    return bool(left and right) and all(is_latin(one) or one.isdecimal() for one in (left, right))
