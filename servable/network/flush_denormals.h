// Denormal numbers count as 0 on this thread while an object of this class lives, whatever the
// thread's owner has set: results must not depend on it, and denormal arithmetic is slow.
#ifndef MAGENTA_SERVING_NETWORK_FLUSH_DENORMALS_H_
#define MAGENTA_SERVING_NETWORK_FLUSH_DENORMALS_H_

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace magenta_serving {

class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlushToZero | kAreZero); }
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  static constexpr unsigned int kFlushToZero = 0x8000;
  static constexpr unsigned int kAreZero = 0x0040;
  const unsigned int before_;
#else
  FlushDenormals() {}
#endif
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_NETWORK_FLUSH_DENORMALS_H_
