"""双随机抽查 draws: which places are checked and by whom, drawn so that an outsider can repeat it and nobody could know it.

Owns: draws, draw_papers, draw_replacements, draw_announcements.
Words: 双随机、一公开 double-random, one publication · 名录库 library · 见证人 witness · 承诺值 commitment · 批次 batch.
Floor 7, inside inspections: a draw makes visits.
"""
