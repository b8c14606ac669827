"""保管 retention: how long a report is kept, who keeps it longer, how its file goes when its years are over.

Owns: no table; `keep_until` and `file_removed_at` are columns of `reports`.
Words: 保管期限 keep until · 延长保管 keep longer · 销毁文件 remove the file · 到期 its years are over.
Floor 8, inside reporting.
"""
