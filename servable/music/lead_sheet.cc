#include "servable/music/lead_sheet.h"

#include "servable/base/status.h"

namespace magenta_serving {

absl::StatusOr<NoteSequence> LeadSheetToSequence(const Melody& melody,
                                                 const ChordProgression& chords, double qpm) {
  if (melody.size() != chords.size() || melody.steps_per_bar() != chords.steps_per_bar() ||
      melody.steps_per_quarter() != chords.steps_per_quarter() ||
      melody.start_step() != chords.start_step() || melody.end_step() != chords.end_step()) {
    return MagentaError("MelodyChordsMismatchError", "");
  }
  NoteSequence sequence;
  MS_ASSIGN_OR_RETURN(sequence, melody.ToSequence(100, 0, 0, 0.0, qpm));
  NoteSequence chord_sequence;
  MS_ASSIGN_OR_RETURN(chord_sequence, chords.ToSequence(0.0, qpm));
  *sequence.mutable_text_annotations() = chord_sequence.text_annotations();
  return sequence;
}

}  // namespace magenta_serving
