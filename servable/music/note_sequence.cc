#include "servable/music/note_sequence.h"

#include <algorithm>

#include "servable/base/status.h"

namespace magenta_serving {

bool IsQuantizedSequence(const NoteSequence& sequence) {
  return sequence.quantization_info().steps_per_quarter() > 0 ||
         sequence.quantization_info().steps_per_second() > 0;
}

bool IsRelativeQuantizedSequence(const NoteSequence& sequence) {
  return sequence.quantization_info().steps_per_quarter() > 0;
}

absl::StatusOr<NoteSequence> TrimNoteSequence(const NoteSequence& sequence, double start_time,
                                              double end_time) {
  if (IsQuantizedSequence(sequence)) {
    return MagentaError("QuantizationStatusError",
                        "Can only trim notes and chords for unquantized NoteSequence.");
  }
  NoteSequence trimmed = sequence;
  trimmed.clear_notes();
  for (const NoteSequence::Note& note : sequence.notes()) {
    if (note.start_time() < start_time || note.start_time() >= end_time) continue;
    NoteSequence::Note* kept = trimmed.add_notes();
    *kept = note;
    kept->set_end_time(std::min(note.end_time(), end_time));
  }
  trimmed.set_total_time(std::min(sequence.total_time(), end_time));
  return trimmed;
}

}  // namespace magenta_serving
