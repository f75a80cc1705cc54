#include "servable/rnn/graph_signature.h"

#include <unordered_map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/tensor_shape.pb.h"

namespace magenta_serving {
namespace {

const tensorflow::NodeDef* FindNode(const tensorflow::GraphDef& graph,
                                    absl::string_view tensor_name) {
  const absl::string_view node_name = tensor_name.substr(0, tensor_name.find(':'));
  for (const auto& node : graph.node()) {
    if (node.name() == node_name) return &node;
  }
  return nullptr;
}

// Graphs older than TensorFlow 1.0's say a placeholder's shape only in what was inferred for its
// output.
const tensorflow::TensorShapeProto& PlaceholderShape(const tensorflow::NodeDef& placeholder) {
  const tensorflow::TensorShapeProto& shape = placeholder.attr().at("shape").shape();
  const auto inferred = placeholder.attr().find("_output_shapes");
  if (shape.dim_size() > 0 || inferred == placeholder.attr().end() ||
      inferred->second.list().shape_size() != 1) {
    return shape;
  }
  return inferred->second.list().shape(0);
}

// What becomes of each Softmax outside of the recurrent loop (where attention has others), in the
// order in which they were made.
std::vector<std::string> SoftmaxHeads(const tensorflow::GraphDef& graph) {
  std::unordered_map<absl::string_view, absl::string_view> reshapes;  // by input, the first of each
  for (const tensorflow::NodeDef& node : graph.node()) {
    if (node.op() == "Reshape" && node.input_size() > 0)
      reshapes.emplace(node.input(0), node.name());
  }
  std::vector<std::string> heads;
  for (const tensorflow::NodeDef& softmax : graph.node()) {
    if (softmax.op() != "Softmax" || absl::StrContains(softmax.name(), '/')) continue;
    const auto found = reshapes.find(softmax.name());
    if (found != reshapes.end()) heads.push_back(absl::StrCat(found->second, ":0"));
  }
  return heads;
}

}  // namespace

absl::StatusOr<GraphSignature> ReadGraphSignature(const tensorflow::MetaGraphDef& metagraph) {
  GraphSignature signature;
  MS_ASSIGN_OR_RETURN(signature.inputs, OnlyTensorOf(metagraph, "inputs"));
  const std::vector<std::string> temperature = CollectionTensors(metagraph, "temperature");
  if (!temperature.empty()) signature.temperature = temperature[0];
  signature.initial_state = CollectionTensors(metagraph, "initial_state");
  signature.final_state = CollectionTensors(metagraph, "final_state");
  if (signature.initial_state.empty() ||
      signature.initial_state.size() != signature.final_state.size()) {
    return NotAnEventRnn(absl::StrCat("it has ", signature.initial_state.size(), " initial and ",
                                      signature.final_state.size(), " final state tensors"));
  }
  constexpr size_t kMaxStates = 256;  // two or three for each layer
  if (signature.initial_state.size() > kMaxStates) {
    return NotAnEventRnn(absl::StrCat("it has ", signature.initial_state.size(),
                                      " state tensors; at most ", kMaxStates, " are supported"));
  }

  const tensorflow::NodeDef* inputs = FindNode(metagraph.graph_def(), signature.inputs);
  if (inputs == nullptr || inputs->attr().count("shape") == 0) {
    return NotAnEventRnn(absl::StrCat("'", signature.inputs, "' is not a placeholder"));
  }
  const tensorflow::TensorShapeProto& shape = PlaceholderShape(*inputs);
  constexpr int kMaxSize = 1 << 16;
  if (shape.dim_size() != 3 || shape.dim(0).size() < 1 || shape.dim(0).size() > kMaxSize ||
      shape.dim(2).size() < 1 || shape.dim(2).size() > kMaxSize) {
    return NotAnEventRnn(absl::StrCat("its inputs have shape {", shape.ShortDebugString(),
                                      "}, not [batch, ?, size] with a batch and a size from 1 to ",
                                      kMaxSize));
  }
  signature.batch_size = static_cast<int>(shape.dim(0).size());
  signature.input_size = static_cast<int>(shape.dim(2).size());
  return signature;
}

absl::StatusOr<std::vector<std::string>> SoftmaxTensors(const tensorflow::MetaGraphDef& metagraph) {
  if (CollectionTensors(metagraph, "softmax").empty()) {
    std::vector<std::string> heads = SoftmaxHeads(metagraph.graph_def());
    constexpr size_t kMaxHeads = 64;
    if (heads.size() > kMaxHeads) {
      return NotAnEventRnn(absl::StrCat("it has ", heads.size(), " softmaxes; at most ", kMaxHeads,
                                        " are supported"));
    }
    // One softmax would not have been lost.
    if (heads.size() > 1) return heads;
  }
  MS_ASSIGN_OR_RETURN(std::string softmax, OnlyTensorOf(metagraph, "softmax"));
  return std::vector<std::string>{std::move(softmax)};
}

std::vector<std::string> CollectionTensors(const tensorflow::MetaGraphDef& metagraph,
                                           const std::string& name) {
  const auto found = metagraph.collection_def().find(name);
  if (found == metagraph.collection_def().end()) return {};
  const auto& values = found->second.node_list().value();
  return {values.begin(), values.end()};
}

absl::StatusOr<std::string> OnlyTensorOf(const tensorflow::MetaGraphDef& metagraph,
                                         const std::string& name) {
  std::vector<std::string> names = CollectionTensors(metagraph, name);
  if (names.size() == 1) return std::move(names[0]);
  return NotAnEventRnn(
      absl::StrCat("its collection '", name, "' has ", names.size(), " tensors, not 1"));
}

absl::Status NotAnEventRnn(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the bundle's graph is not that of a Magenta event RNN: ", why));
}

}  // namespace magenta_serving
