"""人员 staff: who works at a place, with which posts, certificates and training.

Owns: staff_members, staff_certificates, staff_trainings, staff_attendances.
Words: 护理员 caregiver · 岗位 post · 证书 certificate · 培训 training.
Floor 1, inside facilities.
"""
