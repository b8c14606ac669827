"""机构自查 selfchecks: what each place owes itself (day patrol, night rounds, weekly to yearly checks), and what it did.

Owns: selfcheck_rounds, selfcheck_photos.
Words: 自查 self-check · 轮次 round · 防火巡查 fire patrol · 夜间巡查 night round · 按时率 rate in time.
Floor 6: fills lists of checklists, reports hazards below; weighed by inspections above.
"""
