// Polyphonic music as a stream of note, time and velocity events, as Performance of
// note_seq/performance_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_PERFORMANCE_H_
#define MAGENTA_SERVING_MUSIC_PERFORMANCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/music/base_performance.h"
#include "servable/music/note_sequence.h"
#include "servable/music/performance_event.h"

namespace magenta_serving {

// The most steps that one TIME_SHIFT of a Performance takes.
inline constexpr int kMaxShiftSteps = 100;

// Events happen one after another; only TIME_SHIFTs, of 1 to kMaxShiftSteps steps, take time. A
// value class: copies are equal.
class Performance : public BasePerformance<PerformanceEvent> {
 public:
  // Without events. num_velocity_bins 0 means that there are no VELOCITY events.
  Performance(int steps_per_second, int64_t start_step, int num_velocity_bins)
      : BasePerformance(steps_per_second, start_step, num_velocity_bins) {}

  // All notes of a sequence from QuantizeNoteSequenceAbsolute that start at `start_step` or later,
  // as one performance that starts there. Within a step, events stand in the order of the notes
  // that they belong to, sorted by start time and pitch. ValueError for pitches, and for changes to
  // velocities, that events cannot have; InvalidArgument beyond kMaxEvents events.
  static absl::StatusOr<Performance> FromQuantizedSequence(const NoteSequence& quantized,
                                                           int64_t start_step,
                                                           int num_velocity_bins);

  // Length: the sum of the TIME_SHIFTs.
  int64_t num_steps() const { return num_steps_; }

  absl::Status Append(const PerformanceEvent& event);

  Performance DeepCopy() const { return *this; }

  // Makes num_steps() `steps`: with more time at the end, where a last TIME_SHIFT is lengthened
  // first, or without the events behind that time. AssertionError when `steps` is negative,
  // InvalidArgument beyond kMaxEvents events.
  absl::Status SetLength(int64_t steps);

  // The notes with times in seconds, of `velocity` until the first VELOCITY event. A NOTE_OFF ends
  // the oldest note of its pitch, and the end all that are left; notes without length are left out.
  // A note lasts max_note_duration seconds at most; 0 means any time. AssertionError for a VELOCITY
  // event in a performance without velocity bins.
  absl::StatusOr<NoteSequence> ToSequence(int velocity = 100, int instrument = 0,
                                          double max_note_duration = 0) const;

 private:
  absl::Status CheckRoomFor(int64_t steps) const;
  void AppendShift(int64_t steps);

  int64_t num_steps_ = 0;
};

// The one performance that extract_performances of magenta/pipelines/performance_pipeline.py finds:
// none when the notes have several programs. Errors are those of FromQuantizedSequence.
absl::StatusOr<std::optional<Performance>> ExtractPerformance(const NoteSequence& quantized,
                                                              int64_t start_step,
                                                              int num_velocity_bins);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_PERFORMANCE_H_
