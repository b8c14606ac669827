"""检查 inspections: visits to places, what was recorded there, who may see it when.

Owns: visits, visit_officers, visit_lists, visit_records, record_checks.
Words: 行政检查 inspection · 检查通知书 inspection notice · 现场检查记录 inspection record · 复查 recheck.
Floor 7: weighs what the floors below report; checks and hazards know it by a label alone.
"""
