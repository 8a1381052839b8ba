"""A display on strings: its stream and its voice are the test's, its clock runs as fast as the test likes."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

# Opened like the real one, and silent until the test pushes.
STREAM = """
window.streams = [];
window.EventSource = function (url) {
    this.readyState = 1; this.url = url; this.on = {};
    window.streams.push(this);
};
window.EventSource.prototype.addEventListener = function (name, act) { this.on[name] = act; };
window.EventSource.prototype.close = function () { this.readyState = 2; };
window.push = function (state) {
    window.streams[window.streams.length - 1].onmessage({ data: JSON.stringify(state) });
};
window.beat = function () { window.streams[window.streams.length - 1].on.beat(); };
"""
# Says what it is told, one after the other, each for as long as `window.speaks` says.
VOICE = """
window.said = []; window.speaks = 1000;
window.MppVoice = function (options) { this.options = options; this.waiting = []; this.busy = false; };
window.MppVoice.prototype.setVolume = function (volume) { window.volume = volume; };
window.MppVoice.prototype.announce = function (call) { this.waiting.push(call); this.next(); return true; };
window.MppVoice.prototype.next = function () {
    if (this.busy || !this.waiting.length) { return; }
    var voice = this, call = this.waiting.shift();
    this.busy = true;
    voice.options.onStart(call);
    window.said.push(call.label + " loket " + call.counter + (call.is_recall ? " lagi" : ""));
    setTimeout(function () {
        voice.busy = false;
        voice.options.onEnd(call, "spoken");
        voice.next();
    }, window.speaks);
};
"""
# What stood on the plate while it was yellow, in order.
WATCH = """
document.addEventListener("DOMContentLoaded", function () {
    window.lit = [];
    setInterval(function () {
        var node = document.querySelector(".is-calling [data-mpp-label]");
        var last = window.lit[window.lit.length - 1];
        if (node && last !== node.textContent) { window.lit.push(node.textContent); }
    }, 100);
});
"""


class Puppet:
    """A display whose states come from the test."""

    def __init__(self, page: Page, path: str = "/layar/kependudukan/") -> None:
        self.page = page
        self.number = 0
        page.clock.install()
        page.add_init_script(STREAM)
        page.add_init_script(WATCH)
        page.route("**/js/voice.js", lambda route: route.fulfill(body=VOICE, content_type="text/javascript"))
        page.goto(path)
        text = page.locator("[data-mpp-display]").get_attribute("data-mpp-state")
        self.state: dict[str, Any] = json.loads(text or "")

    def call(self, label: str, counter: str = "2", *, age: int = 0, part: int = 0, **more: Any) -> None:
        """Put a new call into the state; `push` sends it."""
        self.number += 1
        entry = {
            "id": 1000 + self.number,
            "label": label,
            "counter": counter,
            "agency": "Dukcapil",
            "called_at": "09.00.00",
            "age_seconds": age,
            "is_recall": False,
            "part": part,
        } | more
        others = [one for one in self.state["calls"] if one["label"] != label]
        self.state["calls"] = [entry, *others]
        self.state["announcements"].append(entry | {"clips": [["id/a"]], "short_clips": [["id/a"]]})

    def push(self, **more: Any) -> None:
        """Send the state as it is."""
        self.state |= more
        self.page.evaluate("state => window.push(state)", self.state)

    def older(self, seconds: int) -> None:
        """Let everything in the state grow older, as the server would."""
        for one in [*self.state["calls"], *self.state["announcements"]]:
            one["age_seconds"] += seconds
        self.state["announcements"] = [one for one in self.state["announcements"] if one["age_seconds"] <= 45]

    def wait(self, seconds: float, *, beating: bool = True) -> None:
        """Let the page's own clock run on, with the heartbeats of a living server."""
        while seconds > 0:
            self.page.clock.run_for(int(min(seconds, 4) * 1000))
            seconds -= 4
            if beating:
                self.page.evaluate("window.beat()")

    def plate(self) -> str:
        """The number on the plate."""
        return self.page.locator("[data-mpp-label]").first.inner_text()

    def rows(self) -> list[str]:
        """The numbers in the list."""
        texts = self.page.locator("[data-mpp-row] .num:first-child").all_inner_texts()
        return [text for text in texts if text]

    def said(self) -> list[str]:
        said: list[str] = self.page.evaluate("window.said")
        return said

    def lit(self) -> list[str]:
        lit: list[str] = self.page.evaluate("window.lit")
        return lit
