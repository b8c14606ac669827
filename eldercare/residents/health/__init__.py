"""健康与风险 health: what carers of a home must know of a resident, and the papers of the file.

Owns: health_profiles, allergies, risk_assessments, care_levels; papers are attachments of the resident.
Words: 健康档案 health profile · 过敏 allergy · 风险评估 risk assessment · 重点关注 watch-list · 照护等级 care level.
Floor 3, inside residents.
"""
