// Tells AddressSanitizer and ThreadSanitizer that a thread goes on on another stack, which they
// would take for an overflow or a race. Without a sanitizer all of this is nothing.
#ifndef MAGENTA_SERVING_BATCHING_STACK_SWITCH_H_
#define MAGENTA_SERVING_BATCHING_STACK_SWITCH_H_

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define MS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MS_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define MS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MS_TSAN 1
#endif
#endif

#ifdef MS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef MS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace magenta_serving {

// The switches of one fiber. Each is announced on the stack that is left, and confirmed on the one
// that is entered.
class StackSwitch {
 public:
#ifdef MS_TSAN
  ~StackSwitch() { __tsan_destroy_fiber(tsan_inside_); }
#endif

  // `bottom` is the lowest address of the fiber's stack.
  void SetStack(const void* bottom, size_t size) {
#ifdef MS_ASAN
    bottom_ = bottom;
    size_ = size;
#endif
  }

  void LeaveOutside() {
#ifdef MS_ASAN
    __sanitizer_start_switch_fiber(&fake_outside_, bottom_, size_);
#endif
#ifdef MS_TSAN
    tsan_outside_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(tsan_inside_, 0);
#endif
  }
  void EnterInside() {
#ifdef MS_ASAN
    __sanitizer_finish_switch_fiber(fake_inside_, &outside_bottom_, &outside_size_);
#endif
  }
  void LeaveInside() {
#ifdef MS_ASAN
    __sanitizer_start_switch_fiber(&fake_inside_, outside_bottom_, outside_size_);
#endif
  }
  void EnterOutside() {
#ifdef MS_ASAN
    __sanitizer_finish_switch_fiber(fake_outside_, nullptr, nullptr);
#endif
#ifdef MS_TSAN
    __tsan_switch_to_fiber(tsan_outside_, 0);
#endif
  }

  // Before a stack is given back: what comes to lie there later is none of its frames.
  static void Forget(const void* bottom, size_t size) {
#ifdef MS_ASAN
    __asan_unpoison_memory_region(bottom, size);
#endif
  }

 private:
#ifdef MS_ASAN
  const void* bottom_ = nullptr;
  size_t size_ = 0;
  const void* outside_bottom_ = nullptr;
  size_t outside_size_ = 0;
  void* fake_inside_ = nullptr;  // frames that AddressSanitizer keeps elsewhere
  void* fake_outside_ = nullptr;
#endif
#ifdef MS_TSAN
  void* tsan_inside_ = __tsan_create_fiber(0);
  void* tsan_outside_ = nullptr;
#endif
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BATCHING_STACK_SWITCH_H_
