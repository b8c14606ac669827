"""处置闭环 handling: first response, investigation, corrective actions, review, closing, findings.

Owns: incident_actions, incident_findings.
Words: 先期处置 first response · 整改措施 corrective action · 瞒报 concealed report.
Floor 6, inside incidents.
"""
