"""Build the clip packs static/audio/<language>/: `python tools/voice/build.py`.

Needs espeak-ng and ffmpeg, on the machine of whoever changes the words; the packs are in the repository.
The same versions of both tools make the same bytes again.
"""

from __future__ import annotations

import array
import json
import math
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.voice.words import CHIME, PACKS, Clip, Pack  # noqa: E402  the root is on the path only now

RATE = 22_050
FULL = 32_767
# Loudness: the mean of the sounding part and the highest peak, in dB below full scale. Not `loudnorm`:
# it leaves clips shorter than its window twenty decibels too quiet.
MEAN_DB = -17.0
PEAK_DB = -1.5
# Silence in front and behind is what is this far below the clip's own peak.
SILENCE_DB = -42.0
MARGIN_SECONDS = 0.012
FADE_SECONDS = 0.006
WINDOW_SECONDS = 0.02
Samples: TypeAlias = "array.array[int]"


@dataclass(frozen=True)
class Level:
    """How loud a clip is, in dB below full scale."""

    mean_db: float
    peak_db: float


def spoken(clip: Clip, pack: Pack, folder: Path) -> Samples:
    """Return `clip` as espeak-ng says it."""
    path = folder / "spoken.wav"
    # Without the blanks, phonemes beside a tag are spelled out.
    marked = f"<prosody {clip.prosody}> {clip.say or clip.words} </prosody>"
    voice = ["-v", pack.voice, "-s", str(pack.speed), "-p", str(pack.pitch), "-m"]
    subprocess.run(["espeak-ng", *voice, "-w", str(path), marked], check=True)
    return read(path)


def chime() -> Samples:
    """Return two falling tones of our own, each a sine with one overtone."""
    notes = ((0.0, 659.26), (0.32, 523.25))
    length = int(1.15 * RATE)
    samples = array.array("h", bytes(2 * length))
    for index in range(length):
        value = 0.0
        for starts, pitch in notes:
            since = index / RATE - starts
            if since < 0:
                continue
            attack = min(1.0, since / 0.008)
            tone = math.sin(math.tau * pitch * since) + 0.25 * math.sin(2 * math.tau * pitch * since)
            value += attack * math.exp(-4.2 * since) * tone
        samples[index] = round(value * FULL * 0.35)
    return samples


def trimmed(samples: Samples) -> Samples:
    """Cut the silence on both ends, and round the edges off so that nothing clicks."""
    limit = peak_of(samples) * 10 ** (SILENCE_DB / 20)
    loud = [index for index, value in enumerate(samples) if abs(value) > limit]
    margin = int(MARGIN_SECONDS * RATE)
    cut = samples[max(0, loud[0] - margin) : loud[-1] + margin]
    fade = int(FADE_SECONDS * RATE)
    for index in range(fade):
        cut[index] = cut[index] * index // fade
        cut[-1 - index] = int(cut[-1 - index] * index / fade)
    return cut


def levelled(samples: Samples) -> Samples:
    """Bring the mean to MEAN_DB, or as near as the peak allows."""
    level = level_of(samples)
    gain = 10 ** (min(MEAN_DB - level.mean_db, PEAK_DB - level.peak_db) / 20)
    return array.array("h", (round(value * gain) for value in samples))


def level_of(samples: Samples) -> Level:
    """Measure the windows that sound, and the highest peak."""
    window = int(WINDOW_SECONDS * RATE)
    powers = [
        sum(value * value for value in samples[start : start + window]) / window
        for start in range(0, max(1, len(samples) - window), window)
    ]
    sounding = [power for power in powers if power > max(powers) * 10 ** (-30 / 10)]
    mean = math.sqrt(sum(sounding) / len(sounding))
    return Level(decibels(mean), decibels(peak_of(samples)))


def peak_of(samples: Samples) -> int:
    return max(abs(value) for value in samples)


def decibels(value: float) -> float:
    return round(20 * math.log10(value / FULL), 1)


def read(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise SystemExit(f"{path}: espeak-ng no longer writes 16 bit mono at {RATE} Hz")
        return array.array("h", file.readframes(file.getnframes()))


def encode(samples: Samples, target: Path, folder: Path) -> None:
    """Write `samples` as MP3, without a word about when and by what."""
    source = folder / "clip.wav"
    with wave.open(str(source), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    quiet = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", str(source)]
    codec = ["-codec:a", "libmp3lame", "-b:a", "32k", "-map_metadata", "-1", "-bitexact"]
    subprocess.run([*quiet, *codec, "-id3v2_version", "0", str(target)], check=True)


def build(language: str, pack: Pack) -> None:
    """Write all clips of one language and their manifest; what is no longer in the pack goes."""
    target = ROOT / "static" / "audio" / language
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.mp3"):
        old.unlink()
    clips: dict[str, dict[str, str | float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for clip in pack.clips:
            raw = chime() if clip.name == CHIME else spoken(clip, pack, folder)
            samples = levelled(trimmed(raw))
            level = level_of(samples)
            encode(samples, target / f"{clip.name}.mp3", folder)
            clips[clip.name] = {
                "words": clip.words,
                "seconds": round(len(samples) / RATE, 2),
                "mean_db": level.mean_db,
                "peak_db": level.peak_db,
            }
    text = json.dumps({"language": language, "clips": clips}, ensure_ascii=False, indent=1)
    (target / "manifest.json").write_text(text + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in target.glob("*.mp3"))
    print(f"{target.relative_to(ROOT)}: {len(clips)} clips, {size} bytes")


if __name__ == "__main__":
    for language, pack in PACKS.items():
        build(language, pack)
