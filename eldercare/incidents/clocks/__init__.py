"""法定时限 clocks: each deadline an incident starts, stopped by a receipt alone.

Owns: incident_clocks, incident_receipts.
Words: 时限 deadline · 回执 receipt · 迟报 late report · 首报 first report.
Floor 6, inside incidents.
"""
