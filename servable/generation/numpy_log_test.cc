#include "servable/generation/numpy_log.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

uint32_t Bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

TEST(NumpyLogTest, HasNumpysBits) {
  EXPECT_EQ(Bits(NumpyLog(0.5f)), 3207688728u);
  EXPECT_EQ(Bits(NumpyLog(0.1f)), 3222494606u);
  EXPECT_EQ(Bits(NumpyLog(0.7071f)), 3199300443u);
  EXPECT_EQ(Bits(NumpyLog(0.70710678f)), 3199300120u);
  EXPECT_EQ(Bits(NumpyLog(1e-40f)), 3266852082u);  // a denormal
  EXPECT_EQ(Bits(NumpyLog(3.5e-5f)), 3240372640u);
  EXPECT_EQ(Bits(NumpyLog(0.9999999f)), 3019898881u);
  EXPECT_EQ(NumpyLog(1.0f), 0.0f);
}

TEST(NumpyLogTest, DiffersFromTheCorrectlyRoundedLogWhereNumpyDoes) {
  EXPECT_EQ(Bits(NumpyLog(0.7203245162963867f)), 0xbea7f6a0u);
  EXPECT_EQ(Bits(NumpyLog(0.6704674959182739f)), 0xbeccaff7u);
  EXPECT_EQ(Bits(NumpyLog(0.8946066498756409f)), 0xbde4168eu);
  EXPECT_NE(Bits(NumpyLog(0.7203245162963867f)),
            Bits(static_cast<float>(std::log(0.7203245162963867))));
}

TEST(NumpyLogTest, EdgesOfTheDomain) {
  EXPECT_EQ(NumpyLog(0.0f), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(NumpyLog(-1.0f)));
  EXPECT_TRUE(std::isnan(NumpyLog(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isinf(NumpyLog(std::numeric_limits<float>::infinity())));
}

}  // namespace
}  // namespace magenta_serving
