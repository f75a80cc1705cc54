#include "servable/checkpoint/crc32c.h"

#include <string>

#include "absl/crc/crc32c.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

TEST(Crc32cTest, IsAbseils) {
  std::string bytes;
  for (int size = 0; size < 2000; ++size) {
    EXPECT_EQ(Crc32c(bytes), static_cast<uint32_t>(absl::ComputeCrc32c(bytes))) << size;
    bytes.push_back(static_cast<char>(size * 37 + size / 256));
  }
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283);  // the check value of the catalogues
}

}  // namespace
}  // namespace magenta_serving
