"""节假日 holidays: the pages on which a year's days off and make-up days are entered.

Owns: nothing; the table is core's (`core/workdays.py`), since everybody counts in working days.
Words: 节假日 day off · 调休上班日 make-up day.
Floor 7, inside plans: a plan never lies on a day off.
"""
