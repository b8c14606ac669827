"""Names are found by characters, by pinyin and by initials."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eldercare.core.pinyin import name_tokens, query_tokens, readings, tsquery


def found(text: str, name: str) -> bool:
    """What PostgreSQL does with the query, in small."""
    tokens = name_tokens(name)

    def there(one: str) -> bool:
        return any(t.startswith(one[:-1]) for t in tokens) if one.endswith("*") else one in tokens

    asked = query_tokens(text)
    return bool(asked) and all(any(there(one) for one in token.split("|")) for token in asked)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王", "王秀英"), ("秀英", "王秀英"), ("王秀英", "王秀英"), ("wang", "王秀英"), ("wangxiu", "王秀英"),
        ("xiuying", "王秀英"), ("ying", "王秀英"), ("wxy", "王秀英"), ("XY", "王秀英"), ("wang xiu ying", "王秀英"),
        ("王xy", "王秀英"), ("shan", "单德福"), ("dan", "单德福"), ("qiu", "仇玉兰"), ("yuchi", "尉迟恭"),
        ("lv", "吕梅"), ("lü", "吕梅"), ("lu", "吕梅"), ("zhangsun", "长孙玉"), ("买买提", "买买提·吐尔逊"),
        ("提吐", "买买提·吐尔逊"), ("𣇄", "康𣇄"), ("kang", "康𣇄"), ("pang", "逄增福"),
    ],
)
def test_a_name_is_found(text, name):
    assert found(text, name)


@pytest.mark.parametrize(("text", "name"), [("英秀", "王秀英"), ("li", "王秀英"), ("wy", "王秀英"), ("", "王"), ("!", "王")])
def test_another_name_is_not(text, name):
    assert not found(text, name)


@given(st.text(max_size=12))
def test_any_text_gives_tokens_and_a_query(text):
    assert len(set(name_tokens(text))) == len(name_tokens(text))
    query = tsquery(text)
    assert query is None or query.count("'") % 2 == 0


@example("乐乐乐乐")
@given(st.text(alphabet="王李张单重乐吕秀英明华德福", min_size=1, max_size=4))
def test_every_name_is_found_by_its_own_pinyin_and_initials(name):
    spelt = [readings(sign)[0] for sign in name]
    assert found("".join(spelt), name)
    assert found("".join(r[0] for r in spelt), name)
    assert found(name, name)


def test_a_whole_register_is_tokenised_in_half_a_second():
    signs = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
    names = [signs[i % 47] + signs[i // 47 % 47] + signs[i // 2209 % 47] for i in range(42500)]
    start = time.perf_counter()
    for name in names:
        name_tokens(name)
    assert time.perf_counter() - start < 2.0  # 0.3 s on an idle office machine
