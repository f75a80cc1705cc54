// NumPy's legacy random generator, so that a seed gives the notes that Magenta gives after
// numpy.random.seed(seed). MT19937: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1),
// 1998. Reproduces numpy.random.RandomState of numpy 1.26: seed, random_sample and choice(n,
// p=float32 array).
#ifndef MAGENTA_SERVING_GENERATION_NUMPY_RANDOM_H_
#define MAGENTA_SERVING_GENERATION_NUMPY_RANDOM_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace magenta_serving {

inline constexpr int64_t kMaxSeed = (int64_t{1} << 32) - 1;

// Not thread-safe: one stream belongs to one generated sequence.
class NumpyRandom {
 public:
  explicit NumpyRandom(uint32_t seed);

  // A double in [0, 1) with 53 random bits.
  double RandomSample();

  // Advances the stream as `draws` calls of RandomSample would.
  void Skip(int64_t draws);

  // An index of `probabilities`, drawn with these weights; takes one draw. Errors are numpy's
  // ValueErrors: NaN or negative probabilities, or a sum further from 1 than float32 rounding
  // explains. Those take no draw.
  absl::StatusOr<int> Choice(absl::Span<const float> probabilities);

 private:
  uint32_t Next32();
  void Refill();

  static constexpr int kStateSize = 624;
  std::array<uint32_t, kStateSize> state_;
  int position_ = kStateSize;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_NUMPY_RANDOM_H_
