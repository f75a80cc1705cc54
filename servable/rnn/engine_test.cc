#include "servable/rnn/engine.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/rnn/graph_compiler.h"
#include "servable/rnn/graph_nodes.h"
#include "tensorflow/core/framework/graph.pb.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
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

TEST(GraphNodesTest, FindsConstantsAndOrigins) {
  const Bundle bundle = ReadBundle(kDemo).value();
  const GraphNodes nodes(&bundle.metagraph.graph_def());
  const CompiledGraph compiled = CompileEventRnn(bundle).value();
  const GraphTensor state = nodes.Find(compiled.signature.initial_state[0]);
  EXPECT_TRUE(state.Is({"Fill"}));
  EXPECT_THAT(*nodes.Integers(nodes.Input(state, 0)),
              ElementsAre(compiled.signature.batch_size, compiled.state_sizes[0]));
  EXPECT_EQ(nodes.Float(nodes.Input(state, 1)), 0.0f);
  EXPECT_EQ(nodes.Find("no such node").node, nullptr);
  EXPECT_EQ(nodes.Input(state, 2).node, nullptr);
}

TEST(GraphNodesTest, EndsInCircles) {
  tensorflow::GraphDef graph;
  for (const auto& [name, input] : {std::pair("a", "b"), std::pair("b", "a")}) {
    auto* node = graph.add_node();
    node->set_name(name);
    node->set_op("Identity");
    node->add_input(input);
  }
  const GraphNodes nodes(&graph);
  EXPECT_EQ(nodes.Origin(nodes.Find("a")).node, nullptr);
}

TEST(GraphCompilerTest, EndsInCircles) {
  // The output projection multiplies what it computes.
  std::string product;
  Bundle bundle = ReadBundle(kDemo).value();
  auto& graph = *bundle.metagraph.mutable_graph_def();
  for (auto& node : *graph.mutable_node()) {
    if (node.op() == "MatMul" && node.name().find("fully_connected") == 0) {
      node.set_input(0, node.name());
      product = node.name();
    }
  }
  ASSERT_NE(product, "");
  const absl::Status status = CompileEventRnn(bundle).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("computed from itself"));
}

TEST(GraphCompilerTest, NamesWhatIsMissing) {
  Bundle bundle = ReadBundle(kDemo).value();
  for (auto& node : *bundle.metagraph.mutable_graph_def()->mutable_node()) {
    if (node.op() == "VariableV2" && node.name() == "fully_connected/weights")
      node.set_name("elsewhere");
  }
  const absl::Status status = CompileEventRnn(bundle).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
}

}  // namespace
}  // namespace magenta_serving
