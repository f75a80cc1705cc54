#include "servable/checkpoint/crc32c.h"

#include <nmmintrin.h>

#include <array>
#include <cstring>

#include "absl/crc/crc32c.h"

namespace magenta_serving {
namespace {

constexpr int kStreams = 3;  // at one time: the instruction takes three cycles
constexpr size_t kWord = sizeof(uint64_t);

// The sums of `words` words at `data`, as many after these, and so on.
__attribute__((target("sse4.2"))) std::array<absl::crc32c_t, kStreams> StreamSums(const char* data,
                                                                                  size_t words) {
  uint64_t sums[kStreams] = {~uint32_t{0}, ~uint32_t{0}, ~uint32_t{0}};
  for (size_t i = 0; i < words; ++i) {
    for (int stream = 0; stream < kStreams; ++stream) {
      uint64_t word;
      std::memcpy(&word, data + (stream * words + i) * kWord, kWord);
      sums[stream] = _mm_crc32_u64(sums[stream], word);
    }
  }
  std::array<absl::crc32c_t, kStreams> result;
  for (int stream = 0; stream < kStreams; ++stream)
    result[stream] = absl::crc32c_t{~static_cast<uint32_t>(sums[stream])};
  return result;
}

}  // namespace

uint32_t Crc32c(absl::string_view bytes) {
  absl::crc32c_t sum{0};
  const size_t words = bytes.size() / (kStreams * kWord);
  if (words > 0 && __builtin_cpu_supports("sse4.2")) {
    for (const absl::crc32c_t next : StreamSums(bytes.data(), words))
      sum = absl::ConcatCrc32c(sum, next, words * kWord);
    bytes.remove_prefix(kStreams * words * kWord);
  }
  return static_cast<uint32_t>(absl::ExtendCrc32c(sum, bytes));
}

}  // namespace magenta_serving
