"""信用 credit: points deducted for facts, the credit class A to D, and every decision that changed it.

Owns: credit_rules, credit_classes, credit_records, credit_entries, credit_changes.
Words: 记分 points · 信用风险分类 credit class · 拟调整 announced change · 陈述申辩 objection.
Floor 5, inside hazards: facts of higher floors come in through `models.facts()`.
"""
