// OpenCalls: how many requests the server is answering, over gRPC and REST.
#ifndef MAGENTA_SERVING_MODEL_SERVER_OPEN_CALLS_H_
#define MAGENTA_SERVING_MODEL_SERVER_OPEN_CALLS_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace magenta_serving {

// Thread-safe.
class OpenCalls {
 public:
  // Those of this process.
  static OpenCalls& Get() {
    static OpenCalls& calls = *new OpenCalls();
    return calls;
  }

  void Begin() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }

  void End() {
    absl::MutexLock lock(&mutex_);
    --count_;
  }

  // From now on `refusing` is true: who can tell a client so, should.
  void RefuseMore() {
    absl::MutexLock lock(&mutex_);
    refusing_ = true;
  }

  bool refusing() const {
    absl::MutexLock lock(&mutex_);
    return refusing_;
  }

  int count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

  // Waits until none is open, at most so long; returns whether none is.
  bool AwaitNone(absl::Duration timeout) const {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(
        absl::Condition(+[](const int* count) { return *count == 0; }, &count_), timeout);
  }

 private:
  mutable absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  bool refusing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_OPEN_CALLS_H_
