#include "servable/encoding/triad_chord_one_hot_encoding.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/chord_symbol.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {
namespace {

constexpr std::array<const char*, kNotesPerOctave> kRoots = {"C",  "C#", "D",  "Eb", "E",  "F",
                                                             "F#", "G",  "Ab", "A",  "Bb", "B"};
// In the order of the qualities, which is that of the classes.
constexpr std::array<const char*, 4> kKinds = {"", "m", "aug", "dim"};

}  // namespace

int TriadChordOneHotEncoding::num_classes() const { return 1 + kNotesPerOctave * kKinds.size(); }

std::string TriadChordOneHotEncoding::default_event() const { return kNoChord; }

absl::StatusOr<int> TriadChordOneHotEncoding::EncodeEvent(const std::string& event) const {
  if (event == kNoChord) return 0;
  const absl::StatusOr<ChordSymbol> symbol = ChordSymbol::Parse(event);
  MS_RETURN_IF_ERROR(symbol.status());
  ChordQuality quality;
  MS_ASSIGN_OR_RETURN(quality, symbol->Quality());
  if (quality == ChordQuality::kOther) {
    return MagentaError("ChordEncodingError",
                        absl::StrCat("chord is not a standard triad: ", event));
  }
  return 1 + static_cast<int>(quality) * kNotesPerOctave + symbol->root();
}

absl::StatusOr<std::string> TriadChordOneHotEncoding::DecodeEvent(int index) const {
  if (index == 0) return std::string(kNoChord);
  return absl::StrCat(kRoots[(index - 1) % kNotesPerOctave], kKinds[(index - 1) / kNotesPerOctave]);
}

}  // namespace magenta_serving
