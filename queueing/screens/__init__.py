"""What the hall displays and the public copy show of the day: reads only."""

from queueing.screens.calls import last_calls
from queueing.screens.now import hall_now, now_rows
from queueing.screens.scenes import Part, Scene, Showing, gaps_of, medium_url, scene_of, scene_of_zone, scenes
from queueing.screens.state import display_state

__all__ = [
    "Part",
    "Scene",
    "Showing",
    "display_state",
    "gaps_of",
    "hall_now",
    "last_calls",
    "medium_url",
    "now_rows",
    "scene_of",
    "scene_of_zone",
    "scenes",
]
