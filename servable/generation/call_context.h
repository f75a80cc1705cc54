// What bounds one call: its deadline and the servable's limits.
#ifndef MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_
#define MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "servable/generation/limits.h"

namespace magenta_serving {

// What one call did.
struct Usage {
  int64_t sequences = 0;  // generated
  int64_t steps = 0;      // of the network, counted for each sequence of a beam
};

struct CallContext {
  Limits limits;
  absl::Time deadline = absl::InfiniteFuture();
  Usage* usage = nullptr;  // counted in, unless null

  void CountSequence() const {
    if (usage != nullptr) ++usage->sequences;
  }
  void CountSteps(int64_t steps) const {
    if (usage != nullptr) usage->steps += steps;
  }

  // DEADLINE_EXCEEDED once the deadline has passed. Asked between the steps of a generation.
  absl::Status CheckDeadline() const {
    if (absl::Now() < deadline) return absl::OkStatus();
    return absl::DeadlineExceededError(
        "the request's deadline passed before its sequences were complete");
  }
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_
