"""入住 beds: who sleeps where since when.

Owns: stays, stay_beds.
Words: 入住 admission · 退住 discharge · 在住老人 resident in the home · 入住率 occupancy rate.
Floor 4: a stay joins a resident to a place.
"""
