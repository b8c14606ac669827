"""填报 filling: a round walked item after item on a telephone, photos, sealed by one press.

Owns: nothing of its own; it fills rounds and their checks.
Words: 填报 filling in · 符合 in order · 不符合 not in order · 完成 complete.
Floor 6, inside selfchecks.
"""
