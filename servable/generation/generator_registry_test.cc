#include "servable/generation/generator_registry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

constexpr char kDemo[] = "demo/models/melody/1";

TEST(GeneratorRegistryTest, LoadsABundle) {
  const LoadedGenerator loaded = LoadGenerator(ReadBundle(kDemo).value(), {}).value();
  EXPECT_EQ(loaded.generator->family(), "melody");
  EXPECT_EQ(loaded.generator->config(), "lookback_rnn");
  EXPECT_EQ(loaded.input_size, 121);
  EXPECT_EQ(loaded.num_classes, 40);
  EXPECT_FALSE(loaded.network.state_sizes.empty());
}

TEST(GeneratorRegistryTest, RefusesIdsThatNoFamilyHas) {
  Bundle bundle = ReadBundle(kDemo).value();
  bundle.generator_id = "no_rnn";
  const absl::Status status = LoadGenerator(bundle, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(status.message(),
            "no generator for bundles with the id 'no_rnn'; there are generators for basic_rnn, "
            "mono_rnn, lookback_rnn, attention_rnn, one_drum, drum_kit, basic_improv, "
            "attention_improv, chord_pitches_improv, polyphony, performance, "
            "performance_with_dynamics, performance_with_dynamics_and_modulo_encoding, "
            "performance_with_dynamics_and_note_encoding, "
            "density_conditioned_performance_with_dynamics, "
            "pitch_conditioned_performance_with_dynamics, "
            "multiconditioned_performance_with_dynamics, "
            "optional_multiconditioned_performance_with_dynamics, rnn-nade, rnn-nade_attn");
}

TEST(GeneratorRegistryTest, RefusesGraphsOfOtherSizesThanTheIds) {
  Bundle bundle = ReadBundle(kDemo).value();
  bundle.generator_id = "mono_rnn";
  const absl::Status status = LoadGenerator(bundle, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("takes inputs of 121 and gives 40 classes; mono_rnn "
                                          "encodes events in 130 and 130"));
}

}  // namespace
}  // namespace magenta_serving
