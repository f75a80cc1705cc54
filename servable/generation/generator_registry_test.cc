#include "servable/generation/generator_registry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

constexpr char kDemo[] = "demo/models/melody/1";

TEST(GeneratorRegistryTest, LoadsABundle) {
  const LoadedGenerator loaded = LoadGenerator(ReadBundle(kDemo).value(), 1).value();
  EXPECT_EQ(loaded.generator->family(), "melody");
  EXPECT_EQ(loaded.generator->config(), "lookback_rnn");
  EXPECT_EQ(loaded.input_size, 121);
  EXPECT_EQ(loaded.num_classes, 40);
  EXPECT_FALSE(loaded.state_sizes.empty());
}

TEST(GeneratorRegistryTest, RefusesIdsThatNoFamilyHas) {
  Bundle bundle = ReadBundle(kDemo).value();
  bundle.generator_id = "no_rnn";
  const absl::Status status = LoadGenerator(bundle, 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(status.message(), HasSubstr("'no_rnn'; there are generators for basic_rnn, "));
}

TEST(GeneratorRegistryTest, RefusesGraphsOfOtherSizesThanTheIds) {
  Bundle bundle = ReadBundle(kDemo).value();
  bundle.generator_id = "mono_rnn";
  const absl::Status status = LoadGenerator(bundle, 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("takes inputs of 121 and gives 40 classes; mono_rnn "
                                          "encodes events in 130 and 130"));
}

}  // namespace
}  // namespace magenta_serving
