"""检查计划 plans: what is inspected in a year and in a month, when and by whom; what is late, missed, short.

Owns: plans, plan_items, plan_item_officers.
Words: 年度检查计划 yearly plan · 月度检查计划 monthly plan · 检查任务 planned visit (item) · 频次上限 cap of visits.
Floor 7, inside inspections: an item becomes a visit through `inspections.services`.
"""
