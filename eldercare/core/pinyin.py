"""Search tokens of people's names: characters, pairs, pinyin in full and by initials.

PostgreSQL without extensions has no trigram index, so a name becomes a handful of lexemes in a
`tsvector` (GIN) and a search becomes a `tsquery` over them:

    c:X   each character            b:XY  each two neighbours
    p:…   full pinyin from each character to the end ("p:weiming"), found by prefix
    i:…   initials likewise ("i:wm")

Readings come from pypinyin's character table; surnames and characters with two living readings
from the short lists below. `ü` is written `v`, and found as `u` too.
"""

import os
import re
import unicodedata
from functools import lru_cache
from itertools import islice, pairwise, product

os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # names need no phrase table: 40 MB and 0.2 s less

from pypinyin.constants import PINYIN_DICT

# read otherwise when they open a name; the general reading stays findable
_SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "盖": "ge", "曾": "zeng", "任": "ren", "覃": "qin", "尉": "yu",
    "缪": "miao", "翟": "zhai", "区": "ou", "朴": "piao", "种": "chong", "宓": "mi", "祭": "zhai", "员": "yun", "牟": "mu",
    "谌": "chen", "乐": "yue", "逄": "pang", "黑": "he", "繁": "po", "秘": "bi", "冼": "xian", "召": "shao", "折": "she",
    "隗": "wei", "郇": "xun", "尹": "yin", "宁": "ning", "葛": "ge", "纪": "ji", "燕": "yan", "洗": "xian", "那": "na",
    "长": "zhang", "令": "ling", "车": "che", "卜": "bu", "佴": "nai", "贠": "yun", "褚": "chu", "瞿": "qu", "厍": "she",
}
_SURNAMES_OF_TWO = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"), "鲜于": ("xian", "yu"), "令狐": ("ling", "hu"),
}
# characters people have in given names and read in two ways
_TWO_READINGS = {
    "乐": "le yue", "行": "xing hang", "长": "chang zhang", "重": "zhong chong", "朝": "chao zhao", "传": "chuan zhuan",
    "盛": "sheng cheng", "晟": "sheng cheng", "茜": "qian xi", "柏": "bai bo", "都": "dou du", "单": "dan shan",
    "娜": "na nuo", "仔": "zai zi", "率": "shuai lv", "莘": "shen xin",
    "侗": "dong tong",
}
_COMBINATIONS = 6  # of readings for one name; more would only swell the index
_MARKS = re.compile(r"[\s\u00b7\u2022\u2027\u30fb\uff0e.'’\-]+")
_LATIN = re.compile(r"[a-z]+")


def _plain(reading: str) -> str:
    """`lǚ` → `lv`: tone marks off, ü as v."""
    text = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(sign for sign in text if "a" <= sign <= "z")


@lru_cache(maxsize=8192)
def readings(character: str) -> tuple[str, ...]:
    """The readings a character is found by, likeliest first; empty for a sign without one."""
    if "a" <= character <= "z":
        return (character,)
    if character in _TWO_READINGS:
        return tuple(_TWO_READINGS[character].split())
    found = PINYIN_DICT.get(ord(character), "")
    first = _plain(found.split(",")[0]) if found else ""
    if not first:
        return ()
    return (first, first.replace("v", "u")) if "v" in first else (first,)


def name_tokens(name: str) -> tuple[str, ...]:
    """The lexemes of a name, each once, for `array_to_tsvector`.

    Dots and blanks inside a name do not count; a character without a known reading breaks the
    pinyin but keeps its own tokens.
    """
    signs = _MARKS.sub("", name.lower())
    tokens = {f"c:{sign}": None for sign in signs}
    for left, right in pairwise(signs):
        tokens[f"b:{left}{right}"] = None
    ways = [readings(sign) for sign in signs]
    two = _SURNAMES_OF_TWO.get(signs[:2])
    if two:
        ways[0], ways[1] = (two[0], *ways[0]), (two[1], *ways[1])
    elif signs and signs[0] in _SURNAMES:
        ways[0] = tuple(dict.fromkeys((_SURNAMES[signs[0]], *ways[0])))
    for start in range(len(ways)):
        rest = ways[start:]
        if not rest[0]:
            continue
        end = next((n for n, way in enumerate(rest) if not way), len(rest))
        spellings = list(islice(product(*rest[:end]), _COMBINATIONS))
        if len(spellings) == _COMBINATIONS:  # the usual one need not be among the first when a surname's reading leads
            spellings.append(tuple(readings(sign)[0] for sign in signs[start : start + end]))
        for spelt in spellings:
            tokens["p:" + "".join(spelt)] = None
            tokens["i:" + "".join([reading[0] for reading in spelt])] = None
    return tuple(tokens)


@lru_cache(maxsize=65536)
def name_line(name: str) -> str:
    """`name_tokens`, parted by blanks, for many names at once: lists hold the same name many times."""
    return " ".join(name_tokens(name))


def query_tokens(text: str) -> list[str]:
    """The lexemes a search text asks for, all of them; those to be found by prefix end in `*`.

    Latin letters give a pair "p:…*|i:…*", of which one is enough.
    """
    clean = unicodedata.normalize("NFKC", text).lower().replace("ü", "v")
    out: list[str] = []
    for run in re.findall(r"[a-z]+|[^\Wa-z\d_]+", _MARKS.sub("", clean)):
        if _LATIN.fullmatch(run):
            out.append(f"p:{run}*|i:{run}*")
        elif len(run) == 1:
            out.append(f"c:{run}")
        else:
            out.extend(f"b:{left}{right}" for left, right in pairwise(run))
    return list(dict.fromkeys(out))


def tsquery(text: str) -> str | None:
    """The search as a `tsquery` literal, to be cast with `::tsquery`; None when nothing can be asked."""

    def lexeme(token: str) -> str:
        return f"'{token[:-1]}':*" if token.endswith("*") else f"'{token}'"

    parts = [" | ".join(map(lexeme, token.split("|"))) for token in query_tokens(text)]
    return " & ".join(f"({part})" for part in parts) or None
