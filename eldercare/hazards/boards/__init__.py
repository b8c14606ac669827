"""整改看板 boards: hazards at one glance: what a place must put right, what waits for a recheck, how old, how often again.

Owns: nothing; it reads hazards.
Words: 逾期 overdue · 待复查 to recheck · 反复发生 found again · 积压时长 age.
Floor 5, inside hazards.
"""
