"""文书 papers: official documents about one row: notices, records, orders, rechecks.

Owns: no table; papers are reports with a subject.
Words: 检查通知书 inspection notice · 现场检查记录 inspection record · 责令限期整改通知书 rectification order.
Floor 8, inside reporting: any page shows its row's papers through `_parts/papers.html`.
"""
