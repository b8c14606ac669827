"""突发事件 incidents: what happened, how grave it is, who was told and when.

Owns: incidents, incident_people, incident_reports, incident_changes.
Words: 突发事件 incident · 首报/续报/终报 first, follow-up, final report · 跌倒 fall · 走失 elopement.
Floor 6: weighed by inspections above; its corrective actions order hazards below.
"""
