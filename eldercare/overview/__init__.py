"""总览 overview: each role's first page: the numbers of the day and what needs attention.

Owns: no tables.
Words: 首页 first page · 待办 to do · 区级看板 district dashboard.
Floor 8: reads everything; nobody imports it.
"""
