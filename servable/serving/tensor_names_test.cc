#include "servable/serving/tensor_names.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using tensorflow::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(TensorNamesTest, ReadsACall) {
  const auto call = ReadTensorNames({{TensorName("generate", "num_steps"), Tensor(64)}},
                                    {"generate/seed:0", "generate/midi_bytes:0"});
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->signature, "generate");
  EXPECT_EQ(call->inputs.at("num_steps").scalar<int32_t>()(), 64);
  EXPECT_THAT(call->outputs, ElementsAre("seed", "midi_bytes"));
}

TEST(TensorNamesTest, RefusesOtherTensors) {
  const auto error = [](const std::string& input, const std::vector<std::string>& outputs) {
    const auto call = ReadTensorNames({{input, Tensor(1)}}, outputs);
    EXPECT_EQ(call.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(call.status().message());
  };
  EXPECT_THAT(error("generate/seed:0", {}), HasSubstr("must ask for an output"));
  EXPECT_THAT(error("generate/seed:0", {"seed:0"}), HasSubstr("METHOD/NAME:0"));
  EXPECT_THAT(error("generate/seed:0", {"generate/seed:1"}), HasSubstr("METHOD/NAME:0"));
  EXPECT_THAT(error("score/melody:0", {"generate/seed:0"}), HasSubstr("another signature"));
  EXPECT_THAT(error("generate/seed:0", {"generate/seed:0", "generate/seed:0"}),
              HasSubstr("asked for twice"));
}

}  // namespace
}  // namespace magenta_serving
