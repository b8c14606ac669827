"""领导驾驶舱 cockpit: what the monthly report says, live: the same parts collected for the running month or any other.

Owns: no tables; for a minute it keeps what was collected.
Words: 驾驶舱 cockpit · 本月至今 month to date · 下钻 open the rows.
Floor 8, inside overview.
"""
