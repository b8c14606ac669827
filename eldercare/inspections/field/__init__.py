"""现场 field: what a tablet takes to a visit and brings back; nothing lost, nothing twice (protocol: api.py).

Owns: visit_photos, visit_drafts, visit_samples, visit_findings, rescue_keys, rescue_files.
Words: 平板 tablet · 草稿 draft · 随机抽取老人 sampled residents · 应急导出文件 rescue file.
Floor 7, inside inspections.
"""
