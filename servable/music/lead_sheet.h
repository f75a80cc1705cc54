// A melody and its chords as one sequence, as LeadSheet of note_seq/lead_sheets_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_LEAD_SHEET_H_
#define MAGENTA_SERVING_MUSIC_LEAD_SHEET_H_

#include "absl/status/statusor.h"
#include "servable/music/chord_progression.h"
#include "servable/music/melody.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// The melody's notes with the chords as text annotations. MelodyChordsMismatchError unless both
// have the same length, steps per bar and quarter, start and end; what their ToSequence raises.
absl::StatusOr<NoteSequence> LeadSheetToSequence(const Melody& melody,
                                                 const ChordProgression& chords,
                                                 double qpm = kDefaultQuartersPerMinute);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_LEAD_SHEET_H_
