// Short ways to write performance events in tests.
#ifndef MAGENTA_SERVING_MUSIC_TEST_UTIL_PERFORMANCE_EVENTS_H_
#define MAGENTA_SERVING_MUSIC_TEST_UTIL_PERFORMANCE_EVENTS_H_

#include <ostream>

#include "servable/music/performance_event.h"

namespace magenta_serving {

inline PerformanceEvent On(int pitch) { return {PerformanceEvent::kNoteOn, pitch}; }
inline PerformanceEvent Off(int pitch) { return {PerformanceEvent::kNoteOff, pitch}; }
inline PerformanceEvent Shift(int steps) { return {PerformanceEvent::kTimeShift, steps}; }
inline PerformanceEvent Velocity(int bin) { return {PerformanceEvent::kVelocity, bin}; }

inline void PrintTo(const PerformanceEvent& event, std::ostream* out) {
  const char* names[] = {"?", "On", "Off", "Shift", "Velocity", "Duration"};
  *out << names[event.type] << "(" << event.value << ")";
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_TEST_UTIL_PERFORMANCE_EVENTS_H_
