"""Charts: axes and thinning, as numbers; nothing here draws."""
