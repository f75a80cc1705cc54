// ChordProgression: one chord symbol for each step, as note_seq/chords_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_CHORD_PROGRESSION_H_
#define MAGENTA_SERVING_MUSIC_CHORD_PROGRESSION_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/music/chord_symbol.h"
#include "servable/music/note_sequence.h"
#include "servable/music/simple_event_sequence.h"

namespace magenta_serving {

// Events are texts of chord symbols, or kNoChord; a chord of many steps is repeated. The texts are
// not parsed, so any text of at most kMaxChordSymbolBytes may be one. The most events are
// kMaxEvents (see quantize.h).
class ChordProgression : public SimpleEventSequence<std::string> {
 public:
  ChordProgression() = default;

  explicit ChordProgression(std::vector<std::string> events)
      : SimpleEventSequence(std::move(events)) {}

  // The chords of the steps [start_step, end_step) of a sequence from QuantizeNoteSequence, by its
  // annotations of type CHORD_SYMBOL. A chord lasts until the next one; before the first is
  // kNoChord. Raises CoincidentChordsError (two different chords in one step), BadChordError (no
  // steps), QuantizationStatusError, and AttributeError when a bar ends between two steps;
  // InvalidArgument for a text over kMaxChordSymbolBytes or a range over kMaxEvents.
  static absl::StatusOr<ChordProgression> FromQuantizedSequence(const NoteSequence& quantized,
                                                                int64_t start_step,
                                                                int64_t end_step);

  // Cuts the end off, or adds kNoChord: see Resize.
  absl::Status SetLength(int64_t steps);

  // Drops the chords of the steps before `step`, so that the progression starts there at the
  // earliest.
  void DropBefore(int64_t step);

  // Moves all chords; kNoChord stays. ChordSymbolError for a text that is not a chord symbol.
  absl::Status Transpose(int semitones);

  // A sequence without notes that has an annotation where a chord differs from the one before, with
  // the time in seconds since event 0 plus sequence_start_time: start_step does not count.
  // ZeroDivisionError when qpm is 0.
  absl::StatusOr<NoteSequence> ToSequence(double sequence_start_time = 0.0,
                                          double qpm = kDefaultQuartersPerMinute) const;

 private:
  absl::Status AddChord(absl::string_view figure, int64_t start, int64_t end);
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_CHORD_PROGRESSION_H_
