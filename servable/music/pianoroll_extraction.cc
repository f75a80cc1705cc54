#include "servable/music/pianoroll_extraction.h"

#include "servable/base/status.h"

namespace magenta_serving {

absl::StatusOr<std::optional<PianorollSequence>> ExtractPianorollSequence(
    const NoteSequence& quantized, int64_t start_step) {
  for (const NoteSequence::Note& note : quantized.notes()) {
    if (note.program() != quantized.notes(0).program()) return std::nullopt;
  }
  MS_ASSIGN_OR_RETURN(PianorollSequence sequence,
                      PianorollSequence::FromQuantizedSequence(quantized, start_step));
  return sequence;
}

}  // namespace magenta_serving
