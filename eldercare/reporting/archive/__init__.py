"""档案 archive: finding the reports that were made, and taking them away.

Owns: no table; `reports` is reporting's own.
Words: 归档 archive · 报表清单 list of reports · 期数 number of an issue.
Floor 8, inside reporting: the list itself stands at `/reporting/`.
"""
