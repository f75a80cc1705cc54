// When a call must end.
#ifndef MAGENTA_SERVING_GENERATION_DEADLINE_H_
#define MAGENTA_SERVING_GENERATION_DEADLINE_H_

#include <algorithm>
#include <chrono>

namespace magenta_serving {

// On the steady clock: setting the machine's time neither ends nor prolongs a call.
using Deadline = std::chrono::steady_clock::time_point;

constexpr Deadline kNoDeadline = Deadline::max();

// In this many seconds, or at once where they are negative.
inline Deadline DeadlineIn(double seconds) {
  constexpr double kLongest = 1e9;  // 30 years; also keeps the sum within the clock's range
  if (!(seconds < kLongest)) return kNoDeadline;
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<Deadline::duration>(
             std::chrono::duration<double>(std::max(seconds, 0.0)));
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_DEADLINE_H_
