"""入住管理 stays: from application to discharge or death; leave, hospital, transfer, reassessment.

Owns: what happens to a stay and what falls due; writes stays, their beds and times away.
Words: 入住申请 application · 试住 trial stay · 请假外出 leave · 转床 transfer · 退住 discharge.
Floor 4, inside beds.
"""
