// Short ways to write MIDI files in tests.
#ifndef MAGENTA_SERVING_MUSIC_TEST_UTIL_MIDI_BYTES_H_
#define MAGENTA_SERVING_MUSIC_TEST_UTIL_MIDI_BYTES_H_

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace magenta_serving {

// A file whose tracks hold the given events in hexadecimal.
inline std::string MidiBytes(const std::vector<absl::string_view>& tracks, int division = 220,
                             int format = 1) {
  std::string hex = absl::StrFormat("4d54686400000006%04x%04x%04x", format & 0xffff, tracks.size(),
                                    division & 0xffff);
  for (const absl::string_view track : tracks) {
    absl::StrAppend(&hex, "4d54726b", absl::StrFormat("%08x", track.size() / 2), track);
  }
  return absl::HexStringToBytes(hex);
}

// What note_seq writes for a sequence with two tempos, a signature of each kind, a piano with bends
// and pedal, a violin with a name that is not ASCII, and drums; 480 ticks per quarter.
inline std::string FourTrackMidi() {
  return MidiBytes({"00ff510309703c"
                    "00ff580406031808"
                    "8304ff59020601"
                    "8304ff5103124f80"
                    "01ff2f00",
                    "00c005"
                    "00903c64"
                    "8304e01c3f"
                    "00b0407f"
                    "00903c00"
                    "003c5a"
                    "844c3c00"
                    "01ff2f00",
                    "00ff0307476569676520e4"
                    "00c128"
                    "61914840"
                    "88374800"
                    "01ff2f00",
                    "00ff03054472756d73"
                    "00c900"
                    "00992450"
                    "81422400"
                    "01ff2f00"},
                   480);
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_TEST_UTIL_MIDI_BYTES_H_
