"""Days of a mall, drawn by seed and played in memory: to score estimates, and to play against the engine.

A plan (`plans`, `malls`) says what is usual, a day (`days`) what chance made of it, a player (`player`) what
happens then, in a hall (`hall`) that decides who is next. No database, no clock: minutes after midnight.
"""
