"""日志 audit: the reader of the log: who did what, when, to which record.

Owns: no tables (the log is core's).
Words: 操作日志 log · 校验 verify.
Floor 8: reads everything; nobody imports it.
"""
