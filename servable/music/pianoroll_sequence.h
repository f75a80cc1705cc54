// PianorollSequence: which keys of a piano are down at each step of a grid, as
// note_seq/pianoroll_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_PIANOROLL_SEQUENCE_H_
#define MAGENTA_SERVING_MUSIC_PIANOROLL_SEQUENCE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

inline constexpr int kMinPianoPitch = 21;
inline constexpr int kMaxPianoPitch = 108;  // inclusive
inline constexpr int kNumPianoPitches = kMaxPianoPitch - kMinPianoPitch + 1;

// The keys that are down, as offsets from kMinPianoPitch. The order counts: notes that begin
// together stand in the order of a CPython set that is made of the event.
using PianorollEvent = std::vector<int>;

// One event for each step. A value class, of which Python's deep copies are plain ones.
class PianorollSequence {
 public:
  PianorollSequence() = default;
  PianorollSequence(std::vector<PianorollEvent> events, int steps_per_quarter,
                    int64_t start_step = 0);

  // The sequence of events that hold MIDI pitches, as with shift_range; those that a piano does not
  // have are left out.
  static PianorollSequence FromPitches(const std::vector<std::vector<int>>& events,
                                       int steps_per_quarter);

  // What sounds from start_step on in a sequence from QuantizeNoteSequence, up to its
  // total_quantized_steps. Notes that begin before start_step or that a piano does not have are
  // left out. A key is up for the step before each of its notes begins, so that repeated notes
  // stay two; before the first step, that is the last one, as in Python. Raises
  // QuantizationStatusError; ValueError when the sequence ends before start_step, IndexError for a
  // note that begins behind the sequence's end; InvalidArgument beyond kMaxEvents.
  static absl::StatusOr<PianorollSequence> FromQuantizedSequence(const NoteSequence& quantized,
                                                                 int64_t start_step = 0);

  const std::vector<PianorollEvent>& events() const { return events_; }
  int size() const { return static_cast<int>(events_.size()); }
  bool empty() const { return events_.empty(); }
  int64_t start_step() const { return start_step_; }
  int steps_per_quarter() const { return steps_per_quarter_; }

  PianorollSequence DeepCopy() const { return *this; }
  absl::Status Append(PianorollEvent event);

  // Cuts the end off, or adds silence. AssertionError for a negative length, InvalidArgument beyond
  // kMaxEvents.
  absl::Status SetLength(int64_t steps);

  // The notes with times in seconds, step 0 of the grid at time 0: a key that stays down is one
  // note. ZeroDivisionError when qpm or steps_per_quarter is 0, AssertionError when it is negative.
  absl::StatusOr<NoteSequence> ToSequence(int velocity = 100, int instrument = 0, int program = 0,
                                          double qpm = kDefaultQuartersPerMinute) const;

 private:
  std::vector<PianorollEvent> events_;
  int steps_per_quarter_ = kDefaultStepsPerQuarter;
  int64_t start_step_ = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_PIANOROLL_SEQUENCE_H_
