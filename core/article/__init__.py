"""The tutorial that printed 62 %: its method as published, and its ten defects repaired by name."""
