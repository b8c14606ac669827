"""可信度提示 flags: what is hardly plausible about a round, with the evidence; an officer looks and says so. Never in the way.

Owns: selfcheck_flags.
Words: 可信度提示 plausibility flag · 过快 too fast · 重复照片 same photo · 固定分钟 same minute.
Floor 6, inside selfchecks.
"""
