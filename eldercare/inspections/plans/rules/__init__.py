"""检查频次规则 rules: visits that come round every month, quarter or year for the places a rule names.

Owns: plan_rules.
Words: 频次规则 rule of recurrence · 每月 monthly · 每季度 quarterly.
Floor 7, inside plans: a rule makes items of plans, once for each place and period.
"""
