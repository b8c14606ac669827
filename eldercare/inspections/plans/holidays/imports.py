"""A workbook with a year's days off: first day, last day, off or worked, what for."""

from eldercare.core import sheets


def lines(data: bytes) -> str:
    """The rows of the first sheet as lines of text; a row without any day is a heading."""
    with sheets.read(data) as book:
        for sheet in book:
            rows = [" ".join(str(cell) for cell in row if cell not in ("", None)) for row in sheet]
            return "\n".join(row for row in rows if any(sign.isdigit() for sign in row))
    return ""
