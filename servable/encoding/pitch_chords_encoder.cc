#include "servable/encoding/pitch_chords_encoder.h"

#include <algorithm>
#include <vector>

#include "servable/base/status.h"
#include "servable/music/chord_symbol.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {
namespace {

constexpr int kRootOffset = 1;
constexpr int kPitchOffset = kRootOffset + kNotesPerOctave;
constexpr int kBassOffset = kPitchOffset + kNotesPerOctave;
constexpr int kInputSize = kBassOffset + kNotesPerOctave;

}  // namespace

int PitchChordsEncoder::input_size() const { return kInputSize; }

absl::Status PitchChordsEncoder::EventsToInput(absl::Span<const std::string> events, int position,
                                               absl::Span<float> input) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  std::fill(input.begin(), input.end(), 0.0f);
  const std::string& figure = events[position];
  if (figure == kNoChord) {
    input[0] = 1.0f;
    return absl::OkStatus();
  }
  const absl::StatusOr<ChordSymbol> symbol = ChordSymbol::Parse(figure);
  MS_RETURN_IF_ERROR(symbol.status());
  std::vector<int> pitches;
  MS_ASSIGN_OR_RETURN(pitches, symbol->Pitches());
  input[kRootOffset + symbol->root()] = 1.0f;
  for (int pitch : pitches) input[kPitchOffset + pitch] = 1.0f;
  input[kBassOffset + symbol->bass()] = 1.0f;
  return absl::OkStatus();
}

}  // namespace magenta_serving
