"""老年人名下 dossier: what hangs on a person of the register, and the history of the record in words.

Owns: no table of its own; writes contacts, household_spells, consents.
Words: 联系人 contact · 监护人 guardian · 待遇 entitlement · 授权同意 consent · 变更记录 history.
Floor 3, inside residents.
"""
