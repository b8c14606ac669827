"""排班 roster: who is on which shift on which day, who is on duty now, and what is left uncovered.

Owns: staff_shifts.
Words: 排班 roster · 班次 shift · 夜班 night shift · 消防控制室 fire control room.
Floor 1, inside facilities.
"""
