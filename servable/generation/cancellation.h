// Cancellation: says that nobody waits for a call's answer any more.
#ifndef MAGENTA_SERVING_GENERATION_CANCELLATION_H_
#define MAGENTA_SERVING_GENERATION_CANCELLATION_H_

#include <atomic>

namespace magenta_serving {

// Whoever serves a call cancels it, from any thread; the call asks between two steps. Thread-safe.
class Cancellation {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_CANCELLATION_H_
