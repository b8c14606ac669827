"""检查记录 checks: a filled checklist, whoever fills it: answers, score, seal, corrections.

Owns: checks, check_answers.
Words: 检查记录 check · 符合/部分符合/不符合/不适用/未查 conform, partial, nonconform, not applicable, not checked · 得分 score.
Floor 4: joins a version of a checklist to a place; self-checks and inspections stand on it.
"""
