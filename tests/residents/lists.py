"""Lists of made-up people as workbooks, for the tests of the intake."""

import itertools
from io import BytesIO
from typing import Any

import xlsxwriter

from eldercare.core.identifiers import make_check_digit

_serial = itertools.count(1)
HEADINGS = ["序号", "姓名", "性别", "公民身份号码", "联系电话", "所属镇街", "村(社区)", "居住地址"]


def number(birth: str = "19450517", sex: str = "女") -> str:
    """A number no one holds, with a right check digit."""
    n = next(_serial)
    first = f"37029{7 + n // 500 % 3}{birth}{n % 500 * 2 + (sex == '男'):03d}"
    return first + make_check_digit(first)


def person(town: str = "环秀街道", **values: Any) -> list[Any]:
    """A row under HEADINGS."""
    sex = values.get("sex", "女")
    row = {
        "serial": 1.0, "name": "示例老人", "sex": sex, "id_number": number(sex=sex), "phone": "13800001234", "township": town,
        "village": "示例村", "address": f"{town}示例村12号", **values,
    }
    return list(row.values())


def book(rows: list[list[Any]], headings: list[Any] | None = None, *, title: str = "老年人信息登记表", total: bool = True) -> bytes:
    """A workbook as a bureau sends it: a title, a line about the sender, headings in row 3, a total at the end."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_numbers": False}) as made:
        sheet = made.add_worksheet("名单")
        lines = [[title], ["填报单位:示例单位"], headings or HEADINGS, *rows] + ([[f"合计:{len(rows)}人"]] if total else [])
        for at, line in enumerate(lines):
            for column, value in enumerate(line):
                if value not in ("", None):
                    sheet.write(at, column, value)
    return out.getvalue()
