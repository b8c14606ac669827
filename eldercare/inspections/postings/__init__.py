"""驻点监管 postings: who is stationed at which home, their days there, what they saw and advised.

Owns: postings, station_days, station_notes.
Words: 驻点监管 stationed supervision · 驻点日志 daily log · 第三方 third party · 建议 advice.
Floor 7, inside inspections; no administrative inspection: it observes, advises and reports, and orders nothing (domain.md §5.2).
"""
