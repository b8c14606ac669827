"""执法人员 officers: who holds an enforcement certificate, and which places each of them avoids.

Owns: officers, recusals, recusal_requests.
Words: 执法证 enforcement certificate · 执法人员名录库 inspector library · 回避 avoidance (recusal) · 专业 speciality.
Floor 2, inside accounts: an officer is a person who signs in and may inspect.
"""
