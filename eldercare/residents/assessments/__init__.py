"""能力评估 assessments: the 26 indicators of GB/T 42195-2022, the level they give, when the next is due.

Owns: the scale; writes assessments and the ability columns of residents.
Words: 能力评估 ability assessment · 能力等级 ability level · 评估员 assessor.
Floor 3, inside residents.
"""
