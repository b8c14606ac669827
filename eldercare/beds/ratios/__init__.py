"""护理员配比 ratios: caregivers to residents by level of ability, against the bands of the standard.

Owns: no table; reads stays, residents, staff and the roster.
Words: 护理员配比 care ratio · 自理 self-care · 部分失能 partly disabled · 完全失能 fully disabled.
Floor 4, inside beds: it knows both who lives in a home and who works there.
"""
