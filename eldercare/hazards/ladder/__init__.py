"""督促升级 ladder: from the reminder to publication, each step an event with who, when, why and its paper.

Owns: ladder_steps; data/law.yaml.
Words: 约谈 regulatory talk · 责令停业整顿 order of suspension · 立案处罚 case and fine · 公示 publication.
Floor 5, inside hazards.
"""
