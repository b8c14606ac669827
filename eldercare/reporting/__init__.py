"""报表中心 reporting: the clock, the worker, and the reports they make; what ran and what will.

Owns: reports, clock_marks.
Words: 月报 monthly report · 期号 issue number · 数据截至 data cut-off.
Floor 8: reads everything; nobody imports it.
"""
