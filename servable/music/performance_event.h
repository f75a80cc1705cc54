// What happens in a performance, as PerformanceEvent of note_seq/performance_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_PERFORMANCE_EVENT_H_
#define MAGENTA_SERVING_MUSIC_PERFORMANCE_EVENT_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace magenta_serving {

struct PerformanceEvent {
  // The numbers are note_seq's.
  enum Type {
    kNoteOn = 1,     // value: the pitch that starts, 0..127
    kNoteOff = 2,    // value: the pitch that ends, 0..127
    kTimeShift = 3,  // value: steps until the next event, 0 or more
    kVelocity = 4,   // value: the velocity bin of the notes that follow, 1..127
    kDuration = 5,   // value: steps that a note lasts, 1 or more
  };

  Type type = kTimeShift;
  int64_t value = 0;

  // ValueError for a value that the type does not allow.
  static absl::StatusOr<PerformanceEvent> Create(Type type, int64_t value);

  friend bool operator==(const PerformanceEvent& a, const PerformanceEvent& b) {
    return a.type == b.type && a.value == b.value;
  }
  friend bool operator!=(const PerformanceEvent& a, const PerformanceEvent& b) { return !(a == b); }
};

// Velocities in bins of equal size, counted from 1; a velocity outside 1..127 gets a bin outside
// 1..num_velocity_bins. num_velocity_bins is 1..127.
int64_t VelocityToBin(int64_t velocity, int num_velocity_bins);

// The lowest velocity of a bin.
int64_t VelocityBinToVelocity(int64_t velocity_bin, int num_velocity_bins);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_PERFORMANCE_EVENT_H_
