"""Names nobody takes for a real person's: a surname and a year of the sixty-year cycle (王甲子).

They read as made up to anyone who reads Chinese, as 张三 does, and still give a search something
to find: by characters, by pinyin, by initials. A few carry a rare ideograph, as some elders do.
"""

import random
from functools import lru_cache

from eldercare.core.identifiers import make_check_digit
from eldercare.core.pinyin import name_tokens

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_WEIGHTS = [max(100 - n, 8) for n in range(len(SURNAMES))]
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
CYCLE = [STEMS[n % 10] + BRANCHES[n % 12] for n in range(60)]
RARE = "䶮㛃㵑𬭎𫖮𬱟𬘭𫍽"
DOUBLE = ("欧阳", "上官", "司徒", "诸葛")


def surname(rng: random.Random) -> str:
    """One surname; the first of the list are the commonest, one in five hundred has two characters."""
    return rng.choice(DOUBLE) if rng.random() < 0.002 else rng.choices(SURNAMES, _WEIGHTS)[0]


def person(rng: random.Random) -> str:
    """王甲子, at times 王甲, once in a thousand 王甲䶮."""
    family, kind = surname(rng), rng.random()
    if kind < 0.001:
        return family + rng.choice(STEMS) + rng.choice(RARE)
    return family + (rng.choice(STEMS) if kind < 0.1 else rng.choice(CYCLE))


def somebody(rng: random.Random) -> str:
    """A relative or a member of staff: 王某."""
    return surname(rng) + "某"


def phone(rng: random.Random) -> str:
    """A number no operator gives out: 100 0000 and four digits."""
    return f"1000000{rng.randrange(10000):04d}"


@lru_cache(maxsize=20000)
def search(name: str) -> str:
    """The name's search tokens as a tsvector literal, equal to array_to_tsvector(tokens)."""
    return " ".join("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in sorted(set(name_tokens(name))))


class Numbers:
    """Identity numbers that nobody holds (370299…), each given out once.

    A day gives ten sequence numbers by a rule, which keeps them clear of the numbers in the sample
    workbooks (370299 as well), so that those give their known counts over the demo district too.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, born: int, text: str, sex: str, *, beyond: bool = False) -> str | None:
        """A number for a birth date (ordinal and yyyymmdd); None when the day's are given out.

        `beyond` leaves the rule, for registers larger than the district's.
        """
        odd = sex == "male"
        first = (17 * born + 110) % 1000
        for serial in range(1000) if beyond else ((first + 101 * step) % 1000 for step in range(10)):
            body = f"370299{text}{serial:03d}"
            if serial % 2 == odd and body not in self._taken:
                self._taken.add(body)
                return body + make_check_digit(body)
        return None
