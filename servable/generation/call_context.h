// What bounds one call: its deadline and the servable's limits.
#ifndef MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_
#define MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace magenta_serving {

// One bound, with the name that errors call it by.
struct Bound {
  const char* name;
  int64_t value;
};

// Upper bounds on what one request may ask for. A request over a bound gets INVALID_ARGUMENT with
// the bound's name.
struct Limits {
  int64_t max_steps = 4096;  // quantized steps of one sequence, its primer included
  int64_t max_performance_steps = 60000;  // the same for performances, whose steps are 10 ms
  // Events that the network is run over for one sequence. A sequence that is made in rounds feeds
  // its earlier events again in each, and they count again.
  int64_t max_events = 1 << 17;
  int64_t max_outputs = 64;            // sequences of one request, over all its rows
  int64_t max_beams = 64;              // beam_size x branch_factor
  int64_t max_primer_bytes = 1 << 20;  // each string input

  Bound steps() const { return {"max_steps", max_steps}; }
  Bound performance_steps() const { return {"max_performance_steps", max_performance_steps}; }
};

struct CallContext {
  Limits limits;
  absl::Time deadline = absl::InfiniteFuture();

  // DEADLINE_EXCEEDED once the deadline has passed. Asked between the steps of a generation.
  absl::Status CheckDeadline() const {
    if (absl::Now() < deadline) return absl::OkStatus();
    return absl::DeadlineExceededError(
        "the request's deadline passed before its sequences were complete");
  }
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_
