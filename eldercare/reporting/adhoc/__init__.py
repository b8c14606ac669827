"""专题报告 adhoc: a report of chosen parts, places and months; choices kept under a name and passed on as a link.

Owns: report_presets. The report itself is `reports/ad_hoc`, made and kept like every other.
Words: 专题报告 ad-hoc report · 常用选择 saved choice.
Floor 8, inside reporting.
"""
