#include "servable/rnn/engine.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tensorflow/core/framework/graph.pb.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

constexpr char kDemo[] = "demo/models/melody/1";

EngineOptions With(Engine engine) {
  EngineOptions options;
  options.engine = engine;
  return options;
}

// The softmax after each of `num_steps` events, and the state, on an engine.
std::vector<float> Play(const StepModel& model, int num_steps) {
  std::vector<float> inputs(num_steps * model.shape().input_size);
  for (int i = 0; i < num_steps; ++i)
    inputs[i * model.shape().input_size + (7 * i) % model.shape().input_size] = 1;
  std::vector<float> state(model.initial_state().begin(), model.initial_state().end());
  std::vector<float> softmax(num_steps * model.shape().num_classes);
  const absl::Status status = model.Step(
      {StepRow{inputs, absl::MakeSpan(state), absl::MakeSpan(softmax)}}, num_steps, 0.8f);
  EXPECT_TRUE(status.ok()) << status;
  return softmax;
}

TEST(EngineTest, NativeNetworkComputesTheGraph) {
  const Bundle bundle = ReadBundle(kDemo).value();
  const LoadedStepModel native = LoadStepModel(bundle, With(Engine::kNative)).value();
  const LoadedStepModel session = LoadStepModel(bundle, With(Engine::kTensorFlow)).value();
  EXPECT_EQ(native.engine, Engine::kNative);
  EXPECT_EQ(session.engine, Engine::kTensorFlow);
  EXPECT_EQ(native.state_sizes, session.state_sizes);
  EXPECT_EQ(native.model->shape().head_sizes, session.model->shape().head_sizes);
  EXPECT_EQ(native.model->shape().batch_size, session.model->shape().batch_size);
  const std::vector<float> ours = Play(*native.model, 40), theirs = Play(*session.model, 40);
  for (size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], 1e-6) << i;
  EXPECT_LT(DifferenceFromGraph(bundle, /*is_nade=*/false, 50, 1, 2).value(), 1e-5);
}

// Changes the nodes for which `change` returns true; there must be one.
Bundle Changed(const std::function<bool(tensorflow::NodeDef*)>& change) {
  Bundle bundle = ReadBundle(kDemo).value();
  int changed = 0;
  for (auto& node : *bundle.metagraph.mutable_graph_def()->mutable_node()) changed += change(&node);
  EXPECT_GT(changed, 0);
  return bundle;
}

TEST(EngineTest, WhatIsNotUnderstoodRunsInASession) {
  // Still a network, but none of Magenta's: cells squashed by another function.
  const Bundle bundle = Changed([](tensorflow::NodeDef* node) {
    if (node->op() != "Tanh") return false;
    node->set_op("Softsign");
    return true;
  });
  const LoadedStepModel loaded = LoadStepModel(bundle, With(Engine::kNative)).value();
  EXPECT_EQ(loaded.engine, Engine::kTensorFlow);
  EXPECT_EQ(loaded.batcher, nullptr);
  EXPECT_THAT(loaded.not_native, HasSubstr("'"));
  EXPECT_THAT(DifferenceFromGraph(bundle, false, 1, 0, 1).status().code(),
              absl::StatusCode::kUnimplemented);
}

TEST(EngineTest, WhatComputesSomethingElseRunsInASession) {
  // A transposition that the compiler takes for that of batch and time, and is not.
  const Bundle bundle = Changed([](tensorflow::NodeDef* node) {
    if (node->op() != "RealDiv") return false;
    node->set_op("Div");
    std::swap(*node->mutable_input(0), *node->mutable_input(1));
    return true;
  });
  const LoadedStepModel loaded = LoadStepModel(bundle, With(Engine::kNative)).value();
  EXPECT_EQ(loaded.engine, Engine::kTensorFlow);
  EXPECT_THAT(loaded.not_native, HasSubstr("temperature"));
}

TEST(EngineTest, NamesEngines) {
  EXPECT_EQ(EngineNamed("native").value(), Engine::kNative);
  EXPECT_EQ(EngineNamed("tensorflow").value(), Engine::kTensorFlow);
  EXPECT_EQ(EngineNamed("warp").status().message(),
            "engine is 'warp'; it must be 'native' or 'tensorflow'");
}

}  // namespace
}  // namespace magenta_serving
