"""重大事故隐患 major: hazards judged to be a situation of the table in force, listed and supervised until cleared.

Owns: major_cases, major_papers.
Words: 判定 judgement · 挂牌督办 listed supervision · 摘牌 taken off the list · 整改方案 plan.
Floor 5, inside hazards; the table itself is in checklists.
"""
