#include "servable/generation/numpy_random.h"

#include <algorithm>
#include <cmath>

#include "servable/base/status.h"

namespace magenta_serving {
namespace {

// How far from 1 numpy lets float32 probabilities sum: the square root of float32's epsilon.
constexpr double kSumTolerance = 3.4526698300124393e-4;

// Kahan's compensated sum, as numpy adds the probabilities up for its check.
double KahanSum(absl::Span<const float> values) {
  double sum = values[0];
  double compensation = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    const double y = static_cast<double>(values[i]) - compensation;
    const double t = sum + y;
    compensation = (t - sum) - y;
    sum = t;
  }
  return sum;
}

}  // namespace

NumpyRandom::NumpyRandom(uint32_t seed) {
  state_[0] = seed;
  for (uint32_t i = 1; i < kStateSize; ++i) {
    state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  }
}

void NumpyRandom::Refill() {
  constexpr int kShift = 397;
  for (int i = 0; i < kStateSize; ++i) {
    const uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % kStateSize] & 0x7fffffffu);
    state_[i] = state_[(i + kShift) % kStateSize] ^ (y >> 1) ^ ((y & 1) ? 0x9908b0dfu : 0u);
  }
  position_ = 0;
}

uint32_t NumpyRandom::Next32() {
  if (position_ == kStateSize) Refill();
  uint32_t y = state_[position_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

double NumpyRandom::RandomSample() {
  const uint32_t high = Next32() >> 5;
  const uint32_t low = Next32() >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

void NumpyRandom::Skip(int64_t draws) {
  for (int64_t words = 2 * draws; words > 0;) {
    if (position_ == kStateSize) Refill();
    const int64_t step = std::min<int64_t>(words, kStateSize - position_);
    position_ += static_cast<int>(step);
    words -= step;
  }
}

absl::StatusOr<int> NumpyRandom::Choice(absl::Span<const float> probabilities) {
  if (probabilities.empty())
    return MagentaError("ValueError", "a must be greater than 0 unless no samples are taken");
  const double sum = KahanSum(probabilities);
  if (std::isnan(sum)) return MagentaError("ValueError", "probabilities contain NaN");
  for (const float p : probabilities) {
    if (p < 0) return MagentaError("ValueError", "probabilities are not non-negative");
  }
  if (std::fabs(sum - 1.0) > kSumTolerance)
    return MagentaError("ValueError", "probabilities do not sum to 1");

  // The first entry of the normalised cumulative sum that exceeds the draw. The sum is rebuilt
  // instead of stored; each entry is divided by the last one as numpy does it, since multiplying
  // would round differently.
  double total = 0;
  for (const float p : probabilities) total += static_cast<double>(p);
  const double draw = RandomSample();
  double cumulative = 0;
  int index = 0;
  for (const float p : probabilities) {
    cumulative += static_cast<double>(p);
    if (cumulative / total > draw) break;
    ++index;
  }
  return index;
}

}  // namespace magenta_serving
