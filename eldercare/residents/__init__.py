"""老年人档案 residents: the registry of older people: records, assessments, contacts, duplicates, intake.

Owns: residents, assessments, contacts, household_spells, consents, resident_changes; `intake/` the Excel way in.
Words: 老年人 elder · 能力评估 ability assessment · 家庭类型 household type · 居住状况 living arrangement.
Floor 3: knows places and people who sign in.
"""
