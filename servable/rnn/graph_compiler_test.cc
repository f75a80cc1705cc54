#include "servable/rnn/graph_compiler.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/rnn/graph_nodes.h"
#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kDemo[] = "demo/models/melody/1";

tensorflow::NodeDef* AddNode(tensorflow::GraphDef* graph, const std::string& name,
                             const std::string& op, const std::vector<std::string>& inputs) {
  tensorflow::NodeDef* node = graph->add_node();
  node->set_name(name);
  node->set_op(op);
  for (const std::string& input : inputs) node->add_input(input);
  return node;
}

void AddIntegers(tensorflow::GraphDef* graph, const std::string& name,
                 const std::vector<int64_t>& values) {
  tensorflow::Tensor tensor(tensorflow::DT_INT64, {static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), tensor.flat<int64_t>().data());
  tensor.AsProtoField(
      (*AddNode(graph, name, "Const", {})->mutable_attr())["value"].mutable_tensor());
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

TEST(GraphNodesTest, FindsNothingByTheNameOfTwo) {
  tensorflow::GraphDef graph;
  auto* body = graph.mutable_library()->add_function();
  body->mutable_signature()->set_name("body");
  tensorflow::NodeDef* inside = body->add_node_def();
  inside->set_name("inside");
  inside->set_op("Tanh");
  (*AddNode(&graph, "loop", "While", {})->mutable_attr())["body"].mutable_func()->set_name("body");
  EXPECT_TRUE(GraphNodes(&graph).Find("loop/lowered/inside").Is({"Tanh"}));
  AddNode(&graph, "loop/lowered/inside", "Sigmoid", {});
  EXPECT_EQ(GraphNodes(&graph).Find("loop/lowered/inside").node, nullptr);
}

TEST(GraphNodesTest, FunctionsDoNotMultiply) {
  tensorflow::GraphDef graph;
  for (const auto& [name, called] :
       {std::pair("first", "second"), std::pair("second", "third"), std::pair("third", "none")}) {
    auto* function = graph.mutable_library()->add_function();
    function->mutable_signature()->set_name(name);
    for (int i = 0; i < 1000; ++i) {
      tensorflow::NodeDef* node = function->add_node_def();
      node->set_name(absl::StrCat("inside_", i));
      node->set_op("While");
      (*node->mutable_attr())["body"].mutable_func()->set_name(called);
    }
  }
  auto* loop = AddNode(&graph, "loop", "While", {});
  (*loop->mutable_attr())["body"].mutable_func()->set_name("first");
  const GraphNodes nodes(&graph);
  EXPECT_NE(nodes.Find("loop/lowered/inside_0").node, nullptr);
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

// What is said of a graph whose logits are the node "bad", which `add` adds.
std::string SaidOf(const std::function<void(tensorflow::GraphDef* graph,
                                            const std::string& logits)>& add) {
  Bundle bundle = ReadBundle(kDemo).value();
  tensorflow::GraphDef* graph = bundle.metagraph.mutable_graph_def();
  for (tensorflow::NodeDef& node : *graph->mutable_node()) {
    if (node.op() != "Div" && node.op() != "RealDiv") continue;
    const std::string logits = node.input(0);
    node.set_input(0, "bad");
    AddIntegers(graph, "one", {1});
    add(graph, logits);
    const absl::Status status = CompileEventRnn(bundle).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
    return std::string(status.message());
  }
  return "no logits";
}

TEST(GraphCompilerTest, BoundsAlternatives) {
  EXPECT_THAT(SaidOf([](tensorflow::GraphDef* graph, const std::string& logits) {
                AddNode(graph, "0", "Tanh", {logits});
                for (int i = 0; i < 60; ++i)
                  AddNode(graph, absl::StrCat(i + 1), "Merge", {absl::StrCat(i), absl::StrCat(i)});
                AddNode(graph, "bad", "Identity", {"60"});
              }),
              HasSubstr("too many values"));
}

TEST(GraphCompilerTest, BoundsValues) {
  EXPECT_THAT(SaidOf([](tensorflow::GraphDef* graph, const std::string& logits) {
                AddNode(graph, "0", "Identity", {logits});
                for (int i = 0; i < 60; ++i) {
                  AddNode(graph, absl::StrCat(i + 1), "ConcatV2",
                          {absl::StrCat(i), absl::StrCat(i), "one"});
                }
                AddNode(graph, "bad", "Identity", {"60"});
              }),
              HasSubstr("a value of a size that no network has"));
}

TEST(GraphCompilerTest, NodesHaveNoNegativeOutputs) {
  EXPECT_THAT(SaidOf([](tensorflow::GraphDef* graph, const std::string& logits) {
                AddIntegers(graph, "sizes", {38});
                auto* split = AddNode(graph, "split", "SplitV", {logits, "sizes", "one"});
                (*split->mutable_attr())["num_split"].set_i(1);
                AddNode(graph, "bad", "Identity", {"split:-2147483648"});
              }),
              HasSubstr("a missing input"));
}

TEST(GraphCompilerTest, SlicesNothing) {
  EXPECT_THAT(SaidOf([](tensorflow::GraphDef* graph, const std::string&) {
                AddNode(graph, "nothing", "ConcatV2", {"one"});
                AddIntegers(graph, "begin", {0});
                AddIntegers(graph, "size", {-1});
                AddNode(graph, "bad", "Slice", {"nothing", "begin", "size"});
              }),
              HasSubstr("a value of a size that no network has"));
}

TEST(GraphCompilerTest, ExtremeNumbersDoNotOverflow) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(SaidOf([&](tensorflow::GraphDef* graph, const std::string& logits) {
                AddIntegers(graph, "begin", {0, kMin});
                AddIntegers(graph, "size", {-1, -1});
                AddNode(graph, "bad", "Slice", {logits, "begin", "size"});
              }),
              HasSubstr("a slice whose place is not constant"));
  EXPECT_THAT(SaidOf([&](tensorflow::GraphDef* graph, const std::string& logits) {
                AddIntegers(graph, "begin", {0, kMin});
                AddIntegers(graph, "end", {0, kMax});
                AddIntegers(graph, "strides", {1, 1});
                auto* slice =
                    AddNode(graph, "bad", "StridedSlice", {logits, "begin", "end", "strides"});
                for (const char* mask : {"begin_mask", "end_mask"})
                  (*slice->mutable_attr())[mask].set_i(1);
              }),
              HasSubstr("a slice of an unexpected kind"));
  EXPECT_THAT(SaidOf([&](tensorflow::GraphDef* graph, const std::string& logits) {
                AddIntegers(graph, "sizes", {kMax, kMax, 1});
                auto* split = AddNode(graph, "split", "SplitV", {logits, "sizes", "one"});
                (*split->mutable_attr())["num_split"].set_i(3);
                AddNode(graph, "bad", "Identity", {"split:2"});
              }),
              HasSubstr("a split whose sizes are not constant"));
  // As shape or as numbers, the logits stay as many as they are.
  EXPECT_THAT(SaidOf([&](tensorflow::GraphDef* graph, const std::string& logits) {
                AddIntegers(graph, "shape", {-1, 1 << 30, 1 << 30, 1 << 30});
                AddNode(graph, "reshape", "Reshape", {logits, "shape"});
                AddNode(graph, "bad", "Tanh", {"reshape"});
              }),
              HasSubstr("Tanh"));
}

}  // namespace
}  // namespace magenta_serving
