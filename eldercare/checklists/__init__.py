"""检查清单 checklists: the catalogue of lists and of major accident hazards, in versions that never change.

Owns: checklists, checklist_versions, checklist_areas, checklist_items, major_hazards; data/checklists.yaml.
Words: 检查清单 checklist · 版本 version · 检查项 item · 一票否决 veto · 重大事故隐患 major hazard.
Floor 4: knows facilities. Filled lists are in `checks/`.
"""
