// Upper bounds on what one request may ask for.
#ifndef MAGENTA_SERVING_GENERATION_LIMITS_H_
#define MAGENTA_SERVING_GENERATION_LIMITS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace magenta_serving {

// One bound, with the name that errors call it by.
struct Bound {
  const char* name;
  int64_t value;
};

// A request over a bound gets INVALID_ARGUMENT with the bound's name.
struct Limits {
  int64_t max_steps = 4096;               // quantized steps of one sequence, its primer included
  int64_t max_performance_steps = 60000;  // the same for performances, whose steps are 10 ms
  // Events that the network is run over for one sequence. A sequence that is made in rounds feeds
  // its earlier events again in each, and they count again.
  int64_t max_events = 1 << 17;
  int64_t max_outputs = 64;            // sequences of one request, over all its rows
  int64_t max_beams = 64;              // beam_size x branch_factor
  int64_t max_primer_bytes = 1 << 20;  // each string input
  // Sequences of all requests that a network generates at one time. Beyond it the error is
  // RESOURCE_EXHAUSTED, since the same request will succeed later.
  int64_t max_in_flight = 1024;

  Bound steps() const { return {"max_steps", max_steps}; }
  Bound performance_steps() const { return {"max_performance_steps", max_performance_steps}; }
};

// The defaults with these values, by the fields' names. INVALID_ARGUMENT for another name or a
// value below 1.
absl::StatusOr<Limits> MakeLimits(const std::map<std::string, int64_t>& values);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_LIMITS_H_
