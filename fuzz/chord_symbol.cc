// Chord symbols: what can be parsed can be transposed, and parsed again.
#include <cstdint>
#include <cstdlib>

#include "servable/music/chord_symbol.h"

namespace magenta_serving {
namespace {

void Parse(absl::string_view figure) {
  const absl::StatusOr<ChordSymbol> symbol = ChordSymbol::Parse(figure);
  if (!symbol.ok()) return;
  const absl::StatusOr<std::vector<int>> pitches = symbol->Pitches();
  if (pitches.ok() != symbol->Quality().ok()) std::abort();
  for (const int pitch : pitches.value_or(std::vector<int>())) {
    if (pitch < 0 || pitch > 11) std::abort();
  }
  for (const int semitones : {-13, 0, 5}) {
    const absl::StatusOr<ChordSymbol> moved = ChordSymbol::Parse(symbol->Transposed(semitones));
    // A transposed symbol may have become longer than symbols may be.
    if (moved.ok() && (moved->root() - symbol->root() - semitones) % 12 != 0) std::abort();
  }
}

}  // namespace
}  // namespace magenta_serving

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  magenta_serving::Parse({reinterpret_cast<const char*>(data), size});
  return 0;
}
