"""报表计划 schedules: when each report is made, for which places, who hears of it; what ran and what will.

Owns: report_schedules, schedule_skips.
Words: 报表计划 schedule · 补做 made up late · 备用 standby.
Floor 8, inside reporting: the clock reads these rows and writes down what they owe.
"""
