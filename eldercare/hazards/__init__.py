"""隐患 hazards: a hazard, its rectification, replies and rechecks.

Owns: hazards, hazard_replies.
Words: 隐患 hazard · 整改 rectification · 复查 recheck · 挂牌督办 listed supervision.
Floor 5: ordered from above; keeps only a label of what ordered it.
"""
