"""Laws on the integers: rigorous sums over the masses, their transforms, and what diverges."""
