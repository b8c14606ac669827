"""风险 risks: which place to look at first, why, and whether such a choice has been better than taking turns.

Owns: risk_weights, risk_proposals.
Words: 风险排序 ranking by risk · 检查建议 proposal · 回测 back-test · 轮流 taking turns.
Floor 7, part of inspections: reads hazards, incidents, visits; what it proposes becomes a visit only by a person's word.
"""
