"""核验 verify: anybody finds out whether a report is true, by the code on it or by the file itself.

Owns: nothing; what ever sealed is kept beside the reports.
Words: 核验码 check code · 签章 seal · 已撤回 withdrawn.
Floor 8, inside reporting: stands at /verify/, the address that is printed on paper; nothing sent here is kept.
"""
