"""事件分级 grading: families and types, the grade E1–E4 by rule, the accident level of Order 493.

Owns: no table; the code tables and the rules other parts of incidents ask.
Words: 事件等级 grade · 事故等级 accident level · 未遂 near miss.
Floor 6, inside incidents.
"""
