#include "servable/rnn/graph_nodes.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {
namespace {

using tensorflow::FunctionDef;
using tensorflow::NodeDef;

// "name:output:2" and "name:2" are output 2: the operations in question have one output or one
// list of them.
std::pair<absl::string_view, int> SplitName(absl::string_view tensor) {
  int index = 0;
  const size_t last = tensor.rfind(':');
  if (last == absl::string_view::npos || !absl::SimpleAtoi(tensor.substr(last + 1), &index))
    return {tensor, 0};
  return {tensor.substr(0, tensor.find(':')), index};
}

// Far more than functions have where Magenta calls them.
constexpr size_t kMaxMade = 1 << 16;
// Of shapes, axes and numbers.
constexpr int64_t kMaxElements = 1024;

std::optional<tensorflow::Tensor> ConstantOf(const NodeDef* node,
                                             int64_t max_elements = kMaxElements) {
  if (node == nullptr || node->op() != "Const") return std::nullopt;
  const auto value = node->attr().find("value");
  tensorflow::Tensor tensor;
  if (value == node->attr().end() ||
      !tensorflow::TensorShape::IsValid(value->second.tensor().tensor_shape()) ||
      tensorflow::TensorShape(value->second.tensor().tensor_shape()).num_elements() >
          max_elements ||
      !tensor.FromProto(value->second.tensor())) {
    return std::nullopt;
  }
  return tensor;
}

// The tensor that a function returns as its output `i`; "" when there is none.
std::string Returned(const FunctionDef& function, int i) {
  const auto found = function.ret().find(function.signature().output_arg(i).name());
  return found == function.ret().end() ? "" : found->second;
}

}  // namespace

bool GraphTensor::Is(std::initializer_list<absl::string_view> ops) const {
  return node != nullptr &&
         std::find(ops.begin(), ops.end(), absl::string_view(node->op())) != ops.end();
}

std::string GraphTensor::name() const {
  return node == nullptr ? "nothing" : absl::StrCat(node->name(), ":", index);
}

GraphNodes::GraphNodes(const tensorflow::GraphDef* graph) {
  for (const FunctionDef& function : graph->library().function())
    functions_.emplace(function.signature().name(), &function);
  for (const NodeDef& node : graph->node()) Add(node, 0);
}

void GraphNodes::Add(const NodeDef& node, int depth) {
  Name(node);
  const auto function = [&](const char* attribute) -> const FunctionDef* {
    const auto value = node.attr().find(attribute);
    if (value == node.attr().end()) return nullptr;
    const auto found = functions_.find(value->second.func().name());
    return found == functions_.end() ? nullptr : found->second;
  };
  constexpr int kMaxDepth = 4;  // of functions in functions, one of which may call itself
  if (depth >= kMaxDepth) return;
  if (node.op() == "While" || node.op() == "StatelessWhile") {
    if (const FunctionDef* body = function("body")) LowerLoop(node, *body, depth);
  } else if (node.op() == "If" || node.op() == "StatelessIf") {
    const FunctionDef* then_branch = function("then_branch");
    const FunctionDef* else_branch = function("else_branch");
    if (then_branch != nullptr && else_branch != nullptr)
      LowerCondition(node, *then_branch, *else_branch, depth);
  }
}

NodeDef* GraphNodes::Make(const std::string& op, const std::string& name,
                          const std::vector<std::string>& inputs) {
  NodeDef& node = made_.emplace_back();
  node.set_op(op);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  Name(node);
  return &node;
}

void GraphNodes::Name(const NodeDef& node) {
  const auto [named, is_new] = nodes_.emplace(node.name(), &node);
  if (!is_new) named->second = nullptr;
}

void GraphNodes::Inline(const FunctionDef& function, const std::string& prefix, int depth) {
  for (const NodeDef& node : function.node_def()) {
    if (made_.size() >= kMaxMade) return;
    NodeDef& inlined = made_.emplace_back();
    inlined.set_op(node.op());
    inlined.set_name(prefix + node.name());
    *inlined.mutable_attr() = node.attr();
    for (const std::string& input : node.input()) {
      if (!absl::StartsWith(input, "^")) inlined.add_input(prefix + input);
    }
    Add(inlined, depth + 1);
  }
}

void GraphNodes::LowerCondition(const NodeDef& condition, const FunctionDef& then_branch,
                                const FunctionDef& else_branch, int depth) {
  if (made_.size() >= kMaxMade) return;
  std::vector<std::vector<std::string>> merged(then_branch.signature().output_arg_size());
  int number = 0;
  for (const FunctionDef* branch : {&then_branch, &else_branch}) {
    const std::string prefix = absl::StrCat(condition.name(), "/lowered/", number++, "/");
    const int num_arguments = branch->signature().input_arg_size();
    if (condition.input_size() < 1 + num_arguments ||
        branch->signature().output_arg_size() != static_cast<int>(merged.size())) {
      return;
    }
    for (int i = 0; i < num_arguments; ++i) {
      // The first input is what decides.
      Make("Identity", prefix + branch->signature().input_arg(i).name(), {condition.input(1 + i)});
    }
    Inline(*branch, prefix, depth);
    for (size_t i = 0; i < merged.size(); ++i)
      merged[i].push_back(prefix + Returned(*branch, static_cast<int>(i)));
  }
  for (size_t i = 0; i < merged.size(); ++i) {
    const std::string merge = absl::StrCat(condition.name(), "/lowered/merge_", i);
    Make("Merge", merge, merged[i]);
    aliases_[absl::StrCat(condition.name(), ":", i)] = merge;
  }
}

void GraphNodes::LowerLoop(const NodeDef& loop, const FunctionDef& body, int depth) {
  const int num_variables = body.signature().input_arg_size();
  if (made_.size() >= kMaxMade || loop.input_size() < num_variables ||
      body.signature().output_arg_size() != num_variables) {
    return;
  }
  const std::string prefix = absl::StrCat(loop.name(), "/lowered/");
  const auto in_body = [&](absl::string_view name) { return absl::StrCat(prefix, name); };
  for (int i = 0; i < num_variables; ++i) {
    const std::string argument = body.signature().input_arg(i).name();
    const std::string outside = loop.input(i);
    const std::string enter = absl::StrCat(in_body(argument), "/enter");
    Make("Enter", enter, {outside});
    // What goes through unchanged is a constant of the loop.
    if (Returned(body, i) == argument) {
      Make("Identity", in_body(argument), {enter});
    } else {
      const std::string next = absl::StrCat(in_body(argument), "/next");
      Make("NextIteration", next, {in_body(Returned(body, i))});
      Make("Merge", in_body(argument), {enter, next});
    }
    const std::string exit = absl::StrCat(in_body(argument), "/exit");
    Make("Exit", exit, {in_body(argument)});
    aliases_[absl::StrCat(loop.name(), ":", i)] = exit;
  }
  Inline(body, prefix, depth);
}

GraphTensor GraphNodes::Find(absl::string_view tensor) const {
  auto [name, index] = SplitName(tensor);
  const auto alias = aliases_.find(absl::StrCat(name, ":", index));
  if (alias != aliases_.end()) return Find(alias->second);
  const auto found = nodes_.find(name);
  return found == nodes_.end() || index < 0 ? GraphTensor{} : GraphTensor{found->second, index};
}

int GraphNodes::NumInputs(GraphTensor tensor) const {
  if (tensor.node == nullptr) return 0;
  return static_cast<int>(
      std::count_if(tensor.node->input().begin(), tensor.node->input().end(),
                    [](const std::string& input) { return !absl::StartsWith(input, "^"); }));
}

GraphTensor GraphNodes::Input(GraphTensor tensor, int i) const {
  if (tensor.node == nullptr) return {};
  if (i < 0) i += NumInputs(tensor);
  if (i < 0 || i >= tensor.node->input_size()) return {};
  const std::string& input = tensor.node->input(i);
  return absl::StartsWith(input, "^") ? GraphTensor{} : Find(input);  // control inputs come last
}

GraphTensor GraphNodes::Origin(GraphTensor tensor,
                               std::initializer_list<absl::string_view> others) const {
  constexpr int kMaxCopies = 64;
  for (int i = 0; i < kMaxCopies; ++i) {
    if (!tensor.Is({"Identity", "Enter", "RefEnter", "Switch", "RefSwitch", "Exit", "NextIteration",
                    "ReadVariableOp", "StopGradient", "Snapshot"}) &&
        !tensor.Is(others)) {
      return tensor;
    }
    tensor = Input(tensor, 0);
  }
  return {};
}

std::optional<std::vector<int64_t>> GraphNodes::Integers(GraphTensor tensor) const {
  tensor = Origin(tensor);
  if (tensor.Is({"ConcatV2", "Pack"})) {
    std::vector<int64_t> all;
    const int parts = NumInputs(tensor) - (tensor.node->op() == "ConcatV2" ? 1 : 0);
    constexpr int kMaxParts = 16;  // dimensions
    if (parts > kMaxParts) return std::nullopt;
    for (int i = 0; i < parts; ++i) {
      const GraphTensor part = Origin(Input(tensor, i));
      if (!part.Is({"Const"})) return std::nullopt;
      const auto values = Integers(part);
      if (!values) return std::nullopt;
      all.insert(all.end(), values->begin(), values->end());
    }
    return all;
  }
  const std::optional<tensorflow::Tensor> constant = ConstantOf(tensor.node);
  if (!constant) return std::nullopt;
  std::vector<int64_t> values;
  if (constant->dtype() == tensorflow::DT_INT32) {
    const auto flat = constant->flat<int32_t>();
    values.assign(flat.data(), flat.data() + flat.size());
  } else if (constant->dtype() == tensorflow::DT_INT64) {
    const auto flat = constant->flat<int64_t>();
    values.assign(flat.data(), flat.data() + flat.size());
  } else {
    return std::nullopt;
  }
  // Sums and differences of them cannot overflow then.
  const auto is_int32 = [](int64_t value) { return value == static_cast<int32_t>(value); };
  if (!std::all_of(values.begin(), values.end(), is_int32)) return std::nullopt;
  return values;
}

std::optional<float> GraphNodes::Float(GraphTensor tensor) const {
  const std::optional<tensorflow::Tensor> constant = ConstantOf(Origin(tensor).node);
  if (!constant || constant->dtype() != tensorflow::DT_FLOAT || constant->NumElements() != 1)
    return std::nullopt;
  return constant->flat<float>()(0);
}

std::optional<std::vector<int64_t>> GraphNodes::ShapeOfZeros(GraphTensor tensor) const {
  tensor = Origin(tensor);
  if (tensor.Is({"Fill"})) {
    if (Float(Input(tensor, 1)) != 0.0f) return std::nullopt;
    return Integers(Input(tensor, 0));
  }
  constexpr int64_t kMaxZeros = 1 << 20;  // a layer's state of some hundred sequences
  const std::optional<tensorflow::Tensor> constant = ConstantOf(tensor.node, kMaxZeros);
  if (!constant || constant->dtype() != tensorflow::DT_FLOAT) return std::nullopt;
  const auto flat = constant->flat<float>();
  if (!std::all_of(flat.data(), flat.data() + flat.size(), [](float x) { return x == 0; }))
    return std::nullopt;
  const auto sizes = constant->shape().dim_sizes();
  return std::vector<int64_t>(sizes.begin(), sizes.end());
}

}  // namespace magenta_serving
