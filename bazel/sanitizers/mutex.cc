// Stands before Abseil's mutex under ThreadSanitizer, which cannot see what that does: it comes
// from TensorFlow's libraries, which are compiled without it.
#include "absl/synchronization/mutex.h"

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace absl {
ABSL_NAMESPACE_BEGIN
namespace {

template <typename Function>
Function Next(const char* symbol) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, symbol));
}

}  // namespace

void Mutex::Lock() {
  static const auto next = Next<void (*)(Mutex*)>("_ZN4absl12lts_202308025Mutex4LockEv");
  next(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static const auto next = Next<void (*)(Mutex*)>("_ZN4absl12lts_202308025Mutex6UnlockEv");
  __tsan_release(this);
  next(this);
}

void CondVar::Wait(Mutex* mutex) {
  static const auto next =
      Next<void (*)(CondVar*, Mutex*)>("_ZN4absl12lts_202308027CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  next(this, mutex);
  __tsan_acquire(mutex);
}

ABSL_NAMESPACE_END
}  // namespace absl
