// What performances share, whatever their events, as BasePerformance of note_seq/performance_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_BASE_PERFORMANCE_H_
#define MAGENTA_SERVING_MUSIC_BASE_PERFORMANCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "servable/music/note_sequence.h"

namespace magenta_serving {

// What the notes of a sequence share. No program when they have several, or are drums; no is_drum
// when some are drums and some are not. A sequence without notes counts as drums.
struct Instrumentation {
  std::optional<int> program;
  std::optional<bool> is_drum;

  static Instrumentation Of(const NoteSequence& sequence);

  friend bool operator==(const Instrumentation& a, const Instrumentation& b) {
    return a.program == b.program && a.is_drum == b.is_drum;
  }
};

// Whether all notes of the sequence have one program.
bool HasOneProgram(const NoteSequence& sequence);

// The notes of a quantized sequence that start at `start_step` or later, in the order in which
// performances play them: by start time and pitch.
std::vector<const NoteSequence::Note*> PerformedNotes(const NoteSequence& quantized,
                                                      int64_t start_step);

template <typename Event>
class BasePerformance {
 public:
  const std::vector<Event>& events() const { return events_; }
  int size() const { return static_cast<int>(events_.size()); }
  bool empty() const { return events_.empty(); }
  int steps_per_second() const { return steps_per_second_; }
  int64_t start_step() const { return start_step_; }
  int num_velocity_bins() const { return num_velocity_bins_; }
  const Instrumentation& instrumentation() const { return instrumentation_; }

 protected:
  BasePerformance(int steps_per_second, int64_t start_step, int num_velocity_bins)
      : steps_per_second_(steps_per_second),
        start_step_(start_step),
        num_velocity_bins_(num_velocity_bins) {}

  int steps_per_second_;
  int64_t start_step_;
  int num_velocity_bins_;
  Instrumentation instrumentation_;
  std::vector<Event> events_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_BASE_PERFORMANCE_H_
