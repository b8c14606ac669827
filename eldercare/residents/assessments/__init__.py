"""能力评估 residents.assessments: the 26 indicators of GB/T 42195-2022, the level they give, when the next is due."""
