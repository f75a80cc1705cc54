// Polyphonic music as a stream of notes, each one event, as NotePerformance of
// note_seq/performance_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_NOTE_PERFORMANCE_H_
#define MAGENTA_SERVING_MUSIC_NOTE_PERFORMANCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/music/base_performance.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// One note: note_seq's tuple of a TIME_SHIFT, NOTE_ON, VELOCITY and DURATION event.
struct NotePerformanceEvent {
  int time_shift = 0;    // steps since the note before it started, 0..1000
  int pitch = 60;        // 0..127
  int velocity_bin = 1;  // 1..127
  int duration = 1;      // steps, 1..1000

  friend bool operator==(const NotePerformanceEvent& a, const NotePerformanceEvent& b) {
    return a.time_shift == b.time_shift && a.pitch == b.pitch && a.velocity_bin == b.velocity_bin &&
           a.duration == b.duration;
  }
};

// The most steps of a TIME_SHIFT and of a DURATION.
inline constexpr int kMaxNoteShiftSteps = 1000;
inline constexpr int kMaxNoteDurationSteps = 1000;

// A value class: copies are equal.
class NotePerformance : public BasePerformance<NotePerformanceEvent> {
 public:
  NotePerformance(int steps_per_second, int64_t start_step, int num_velocity_bins)
      : BasePerformance(steps_per_second, start_step, num_velocity_bins) {}

  // All notes of a sequence from QuantizeNoteSequenceAbsolute that start at `start_step` or later.
  // TooManyTimeShiftStepsError and TooManyDurationStepsError for notes that are too far apart or
  // too long, ValueError for pitches, velocities and durations that events cannot have.
  static absl::StatusOr<NotePerformance> FromQuantizedSequence(const NoteSequence& quantized,
                                                               int64_t start_step,
                                                               int num_velocity_bins);

  // Length: up to the end of the last note.
  int64_t num_steps() const;

  absl::Status Append(const NotePerformanceEvent& event);

  NotePerformance DeepCopy() const { return *this; }

  // Removes the notes that start `steps` steps after the beginning or later, and ends the others by
  // then. note_seq has no such operation: its set_length does nothing.
  void TruncateToSteps(int64_t steps);

  // The notes with times in seconds, whose lengths have no bound.
  NoteSequence ToSequence(int instrument = 0) const;
};

// The one performance that extract_performances of magenta/pipelines/performance_pipeline.py finds:
// none when the notes have several programs, are too far apart or too long. ValueError as
// FromQuantizedSequence.
absl::StatusOr<std::optional<NotePerformance>> ExtractNotePerformance(const NoteSequence& quantized,
                                                                      int64_t start_step,
                                                                      int num_velocity_bins);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_NOTE_PERFORMANCE_H_
