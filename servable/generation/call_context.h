// What bounds one call: its deadline, its client's patience and the servable's limits.
#ifndef MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_
#define MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "servable/generation/cancellation.h"
#include "servable/generation/deadline.h"
#include "servable/generation/limits.h"

namespace magenta_serving {

// What one call did.
struct Usage {
  int64_t sequences = 0;  // generated
  int64_t steps = 0;      // of the network, counted for each sequence of a beam

  void Add(const Usage& other) {
    sequences += other.sequences;
    steps += other.steps;
  }
};

struct CallContext {
  Limits limits;
  Deadline deadline = kNoDeadline;
  const Cancellation* cancellation = nullptr;  // asked, unless null
  Usage* usage = nullptr;  // counted in, unless null

  void CountSequence() const {
    if (usage != nullptr) ++usage->sequences;
  }
  void CountSteps(int64_t steps) const {
    if (usage != nullptr) usage->steps += steps;
  }

  // CANCELLED once the call is cancelled, DEADLINE_EXCEEDED once its deadline has passed. Asked
  // between the steps of a generation.
  absl::Status CheckWanted() const {
    if (cancellation != nullptr && cancellation->cancelled()) {
      return absl::CancelledError(
          "the request was cancelled before its sequences were complete");
    }
    if (std::chrono::steady_clock::now() < deadline) return absl::OkStatus();
    return absl::DeadlineExceededError(
        "the request's deadline passed before its sequences were complete");
  }
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_CALL_CONTEXT_H_
