// DrumTrack: which drums are hit at each step of a grid, as note_seq/drums_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_DRUM_TRACK_H_
#define MAGENTA_SERVING_MUSIC_DRUM_TRACK_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/music/note_sequence.h"
#include "servable/music/simple_event_sequence.h"

namespace magenta_serving {

// The pitches of drums that are hit together: a frozenset of CPython, of which the order of
// iteration is kept, since that is the order of the notes in a NoteSequence. Empty for silence.
class DrumEvent {
 public:
  DrumEvent() = default;

  // frozenset(pitches) of a list, tuple or generator; repeated pitches count once.
  explicit DrumEvent(absl::Span<const int> pitches);

  // The set that is iterated as `pitches`, which are distinct.
  static DrumEvent InOrder(std::vector<int> pitches);

  // Distinct, in the order of iteration.
  const std::vector<int>& pitches() const { return pitches_; }

  // As copy.deepcopy, which builds a new set from the order of iteration: that can change the
  // order.
  DrumEvent DeepCopy() const { return DrumEvent(pitches_); }

  // As Python prints it: "frozenset({36, 42})".
  std::string ToString() const;

  // Equal as sets.
  friend bool operator==(const DrumEvent& a, const DrumEvent& b);
  friend bool operator!=(const DrumEvent& a, const DrumEvent& b) { return !(a == b); }

 private:
  std::vector<int> pitches_;
};

// One event for each step. A value class: copying with = keeps the order of each event's pitches,
// which Python's copies do not: see DeepCopy.
class DrumTrack : public SimpleEventSequence<DrumEvent> {
 public:
  DrumTrack() = default;

  // ValueError for pitches outside [0, 127].
  static absl::StatusOr<DrumTrack> Create(std::vector<DrumEvent> events, int64_t start_step = 0,
                                          int64_t steps_per_bar = kDefaultStepsPerBar,
                                          int steps_per_quarter = kDefaultStepsPerQuarter);

  // The drums of a sequence from QuantizeNoteSequence that start at or after search_start_step, to
  // the last of them; empty when there are none. The track starts at the beginning of a bar, bars
  // being counted from search_start_step. All notes count as drums, whether marked is_drum or not,
  // except those of velocity 0. This is from_quantized_sequence(gap_bars=inf, pad_end=False,
  // ignore_is_drum=True). Pitches are taken as they are: see CheckEvents.
  // Raises QuantizationStatusError and NonIntegerStepsPerBarError; InvalidArgument beyond
  // kMaxEvents.
  static absl::StatusOr<DrumTrack> FromQuantizedSequence(const NoteSequence& quantized,
                                                         int64_t search_start_step = 0);

  // ValueError for pitches outside [0, 127].
  absl::Status Append(DrumEvent event);

  // As copy.deepcopy: each event is copied so. Where the events may come from an extraction,
  // CheckEvents gives the error that Python raises here.
  DrumTrack DeepCopy() const;

  // ValueError when a pitch is outside [0, 127]: such a note was extracted.
  absl::Status CheckEvents() const;

  // Cuts the end off, or adds silence: see Resize.
  absl::Status SetLength(int64_t steps);

  // A note of one step for each drum that is hit, with times in seconds, step 0 of the grid at time
  // 0. ZeroDivisionError when qpm or steps_per_quarter is 0.
  absl::StatusOr<NoteSequence> ToSequence(int velocity = 100, int instrument = 9, int program = 0,
                                          double qpm = kDefaultQuartersPerMinute) const;

 private:
  DrumTrack(std::vector<DrumEvent> events, int64_t start_step, int64_t steps_per_bar,
            int steps_per_quarter)
      : SimpleEventSequence(std::move(events), start_step, steps_per_bar, steps_per_quarter) {}
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_DRUM_TRACK_H_
