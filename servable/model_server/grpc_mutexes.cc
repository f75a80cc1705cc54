// Debian builds the Abseil that gRPC is linked with without NDEBUG, and its mutexes then look for
// deadlocks: each lock goes through one graph for the whole process, which costs time and grows as
// long as mutexes come and go. This file is compiled against that Abseil, all others against that of
// TensorFlow's wheel.
#include "absl/synchronization/mutex.h"

namespace {

[[maybe_unused]] const bool installed = [] {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return true;
}();

}  // namespace
