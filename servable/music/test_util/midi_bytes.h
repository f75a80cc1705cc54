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

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_TEST_UTIL_MIDI_BYTES_H_
