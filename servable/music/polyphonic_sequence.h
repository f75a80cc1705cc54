// PolyphonicSequence: simultaneous notes on a grid of steps as one stream of events, as
// magenta/models/polyphony_rnn/polyphony_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_POLYPHONIC_SEQUENCE_H_
#define MAGENTA_SERVING_MUSIC_POLYPHONIC_SEQUENCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

struct PolyphonicEvent {
  // Numbered as in Magenta.
  enum Type {
    kStart = 0,          // the beginning of the sequence
    kEnd = 1,            // its end
    kStepEnd = 2,        // the end of a step
    kNewNote = 3,        // a note starts in this step
    kContinuedNote = 4,  // a note of the step before goes on
  };
  static constexpr int kNoPitch = -1;

  Type type = kStart;
  // 0..127. Events of other types than the two of notes have none, except that decoding a class
  // gives them 0, which makes them unequal to those without.
  int pitch = kNoPitch;

  friend bool operator==(const PolyphonicEvent& a, const PolyphonicEvent& b) {
    return a.type == b.type && a.pitch == b.pitch;
  }
  friend bool operator!=(const PolyphonicEvent& a, const PolyphonicEvent& b) { return !(a == b); }
};

// START, then for every step its notes and a STEP_END, then perhaps END. A note that is not
// continued in a step has ended before it. A value class.
class PolyphonicSequence {
 public:
  // START alone, at start_step.
  PolyphonicSequence(int steps_per_quarter, int64_t start_step);

  // A sequence of given events. INVALID_ARGUMENT unless they begin with START; Append's errors.
  static absl::StatusOr<PolyphonicSequence> Create(const std::vector<PolyphonicEvent>& events,
                                                   int steps_per_quarter, int64_t start_step);

  // The notes of a sequence from QuantizeNoteSequence that start at start_step or later, with a
  // STEP_END for each step up to the sequence's total, and END. Within a step the highest pitch
  // comes first. Raises QuantizationStatusError and ValueError (a pitch outside [0, 127]; a note
  // that ends before it starts, unless another of its pitch sounds then); INVALID_ARGUMENT beyond
  // kMaxEvents events.
  static absl::StatusOr<PolyphonicSequence> FromQuantizedSequence(const NoteSequence& quantized,
                                                                  int64_t start_step = 0);

  const std::vector<PolyphonicEvent>& events() const { return events_; }
  int size() const { return static_cast<int>(events_.size()); }
  int64_t start_step() const { return start_step_; }
  int steps_per_quarter() const { return steps_per_quarter_; }

  // How many STEP_ENDs there are: a step without one does not count.
  int64_t num_steps() const { return num_steps_; }

  // ValueError for a pitch outside [0, 127], TypeError for a note without one.
  absl::Status Append(const PolyphonicEvent& event);

  // As copy.deepcopy.
  PolyphonicSequence DeepCopy() const { return *this; }

  // Drops the ENDs at the end, so that events can follow.
  void TrimTrailingEndEvents();

  // Closes the last step, be it empty or not, then adds silent steps or drops the last ones until
  // there are `steps`, and ends with END. AssertionError when that is negative; INVALID_ARGUMENT
  // beyond kMaxEvents.
  absl::Status SetLength(int64_t steps);

  // The notes with times in seconds, velocity 100, instrument 0, program 0; total_time is the end
  // of the last step. With `base_sequence`, whose tempo must be `qpm`, they are added to a copy of
  // it. The sequence must end with a STEP_END and an END, as SetLength makes it. Raises
  // ZeroDivisionError for qpm or steps_per_quarter 0, ValueError for another tempo or an unfinished
  // last step, IndexError for a base without tempo, AssertionError for a base without added notes
  // that is longer.
  absl::StatusOr<NoteSequence> ToSequence(double qpm = kDefaultQuartersPerMinute,
                                          const NoteSequence* base_sequence = nullptr) const;

  friend bool operator==(const PolyphonicSequence& a, const PolyphonicSequence& b) {
    return a.events_ == b.events_ && a.start_step_ == b.start_step_ &&
           a.steps_per_quarter_ == b.steps_per_quarter_;
  }
  friend bool operator!=(const PolyphonicSequence& a, const PolyphonicSequence& b) {
    return !(a == b);
  }

 private:
  void Push(const PolyphonicEvent& event);
  void Pop();
  void TrimSteps(int64_t num_steps);

  std::vector<PolyphonicEvent> events_;
  int64_t num_steps_ = 0;
  int64_t start_step_;
  int steps_per_quarter_;
};

// The polyphonic sequence of a sequence from QuantizeNoteSequence; none when its notes have more
// than one program. Raises what FromQuantizedSequence raises. As extract_polyphonic_sequences.
absl::StatusOr<std::optional<PolyphonicSequence>> ExtractPolyphonicSequence(
    const NoteSequence& quantized, int64_t start_step = 0);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_POLYPHONIC_SEQUENCE_H_
