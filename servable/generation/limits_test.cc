#include "servable/generation/limits.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(LimitsTest, ReplacesDefaults) {
  const absl::StatusOr<Limits> limits = MakeLimits({{"max_steps", 32}, {"max_beams", 1}});
  ASSERT_TRUE(limits.ok()) << limits.status();
  EXPECT_EQ(limits->max_steps, 32);
  EXPECT_EQ(limits->max_beams, 1);
  EXPECT_EQ(limits->max_outputs, Limits().max_outputs);
}

TEST(LimitsTest, RefusesWhatMakesNoSense) {
  EXPECT_THAT(std::string(MakeLimits({{"max_notes", 1}}).status().message()),
              AllOf(HasSubstr("unknown limit 'max_notes'"), HasSubstr("max_primer_bytes")));
  EXPECT_THAT(std::string(MakeLimits({{"max_steps", 0}}).status().message()),
              HasSubstr("max_steps is 0; it must be at least 1"));
}

}  // namespace
}  // namespace magenta_serving
