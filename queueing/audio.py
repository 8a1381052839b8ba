"""What a sound file really is: by its bytes, never by its name. WAV, MP3 and Ogg, the length included."""

from __future__ import annotations

import io
import struct
import wave
from dataclasses import dataclass

from queueing.enums import AudioFormat

# MPEG audio, layer III (ISO 11172-3, 13818-3): kbit/s and Hz by the version in the frame header.
RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SAMPLING = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
LAYER_3 = 1
# Frames that must follow each other before a file counts as MP3.
FEWEST_FRAMES = 3
OPUS_RATE = 48_000


class NotSound(ValueError):
    """These bytes are no sound file of a kind that every display can play."""


@dataclass(frozen=True)
class Sound:
    """What a file is and how long it sounds."""

    format: AudioFormat
    seconds: float


def inspect(data: bytes) -> Sound:
    """Return what `data` is, or raise `NotSound`. The whole file is walked, not only its first bytes."""
    if data[:4] == b"RIFF":
        return Sound(AudioFormat.WAV, _wav_seconds(data))
    if data[:4] == b"OggS":
        return Sound(AudioFormat.OGG, _ogg_seconds(data))
    return Sound(AudioFormat.MP3, _mp3_seconds(data))


def _wav_seconds(data: bytes) -> float:
    try:
        with wave.open(io.BytesIO(data)) as file:
            frames, width = file.getnframes(), file.getsampwidth() * file.getnchannels()
            whole = len(file.readframes(frames)) == frames * width
            rate = file.getframerate()
    except (wave.Error, EOFError, ValueError, struct.error) as error:
        raise NotSound from error
    if not (whole and frames and rate):
        raise NotSound
    return float(frames / rate)


def _mp3_seconds(data: bytes) -> float:
    position, end = _after_id3(data), len(data)
    if data[-128:-125] == b"TAG":
        end -= 128
    seconds, frames = 0.0, 0
    while position + 4 <= end:
        size, length = _mp3_frame(data[position : position + 4])
        position += size
        seconds += length
        frames += 1
    if frames < FEWEST_FRAMES or position > end:
        raise NotSound
    return seconds


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    # Four times seven bits, and ten bytes of header.
    return 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])


def _mp3_frame(header: bytes) -> tuple[int, float]:
    """Return bytes and seconds of the frame that begins with these four bytes."""
    (word,) = struct.unpack(">I", header)
    version, layer = word >> 19 & 3, word >> 17 & 3
    rate_index, sampling_index, padding = word >> 12 & 15, word >> 10 & 3, word >> 9 & 1
    is_frame = word >> 21 == 0x7FF and layer == LAYER_3 and version in SAMPLING
    if not is_frame or rate_index in (0, 15) or sampling_index == 3:
        raise NotSound
    sampling = SAMPLING[version][sampling_index]
    samples, rates = (1152, RATES_1) if version == 3 else (576, RATES_2)
    return samples // 8 * rates[rate_index] * 1000 // sampling + padding, samples / sampling


def _ogg_seconds(data: bytes) -> float:
    """Walk the pages; the last position, less what is skipped at the start, is the length."""
    rate, skipped = _ogg_stream(data)
    position, last = 0, 0
    while position < len(data):
        header = data[position : position + 27]
        if len(header) < 27 or header[:4] != b"OggS":
            raise NotSound
        granule, segments = struct.unpack_from("<q", header, 6)[0], header[26]
        table = data[position + 27 : position + 27 + segments]
        position += 27 + segments + sum(table)
        last = max(last, granule)
    if position != len(data) or last <= skipped:
        raise NotSound
    return float((last - skipped) / rate)


def _ogg_stream(data: bytes) -> tuple[int, int]:
    """Return sampling rate and leading samples of the first stream, which must be Vorbis or Opus."""
    start = 27 + (data[26] if len(data) > 26 else 0)
    head = data[start : start + 19]
    if head[:7] == b"\x01vorbis" and len(head) >= 16:
        rate = struct.unpack_from("<I", head, 12)[0]
        if rate:
            return rate, 0
    if head[:8] == b"OpusHead" and len(head) >= 12:
        return OPUS_RATE, struct.unpack_from("<H", head, 10)[0]
    raise NotSound
