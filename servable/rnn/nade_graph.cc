#include "servable/rnn/nade_graph.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "servable/base/status.h"
#include "servable/checkpoint/checkpoint.h"
#include "servable/rnn/graph_signature.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"

namespace magenta_serving {
namespace {

// The node that a tensor or an input ("name", "name:1", "^name") is of.
std::string NodeOf(absl::string_view tensor) {
  if (absl::StartsWith(tensor, "^")) tensor.remove_prefix(1);
  return std::string(tensor.substr(0, tensor.find(':')));
}

// Whether what `tensor` is computed from holds random numbers.
bool IsRandom(const tensorflow::GraphDef& graph, const std::string& tensor) {
  std::unordered_map<std::string, const tensorflow::NodeDef*> nodes;
  for (const auto& node : graph.node()) nodes[node.name()] = &node;
  std::vector<std::string> open = {NodeOf(tensor)};
  std::unordered_set<std::string> seen(open.begin(), open.end());
  while (!open.empty()) {
    const auto found = nodes.find(open.back());
    open.pop_back();
    if (found == nodes.end()) continue;
    const tensorflow::NodeDef& node = *found->second;
    if (absl::StrContains(node.op(), "Random")) return true;
    for (const std::string& input : node.input()) {
      if (seen.insert(NodeOf(input)).second) open.push_back(NodeOf(input));
    }
  }
  return false;
}

// The only variable whose name ends in `name`: weights of three dimensions, one of them 1.
absl::StatusOr<Weights> WeightsNamed(const tensorflow::GraphDef& graph,
                                     const Checkpoint& checkpoint, const std::string& name) {
  std::vector<std::string> variables;
  for (const auto& node : graph.node()) {
    if ((node.op() == "Variable" || node.op() == "VariableV2" || node.op() == "VarHandleOp") &&
        absl::EndsWith(node.name(), absl::StrCat("/", name))) {
      variables.push_back(node.name());
    }
  }
  if (variables.size() != 1) {
    return NotAnEventRnn(
        absl::StrCat("it has ", variables.size(), " variables '", name, "', not 1"));
  }
  absl::StatusOr<Weights> weights = checkpoint.Read(variables[0]);
  if (!weights.ok()) return NotAnEventRnn(weights.status().message());
  return weights;
}

}  // namespace

absl::StatusOr<NadeGraph> ReadNadeGraph(const Bundle& bundle) {
  MS_ASSIGN_OR_RETURN(const std::string sample, OnlyTensorOf(bundle.metagraph, "sample"));
  MS_ASSIGN_OR_RETURN(const std::string log_prob, OnlyTensorOf(bundle.metagraph, "log_prob"));
  MS_ASSIGN_OR_RETURN(const GraphSignature signature, ReadGraphSignature(bundle.metagraph));
  const tensorflow::GraphDef& graph = bundle.metagraph.graph_def();
  MS_ASSIGN_OR_RETURN(Weights encoder, WeightsNamed(graph, bundle.checkpoint, "w_enc"));
  MS_ASSIGN_OR_RETURN(Weights decoder, WeightsNamed(graph, bundle.checkpoint, "w_dec_t"));
  const int num_dims = signature.input_size;
  const int64_t num_hidden = encoder.shape.empty() ? 0 : encoder.shape.back();
  if (num_hidden < 1 || encoder.shape != std::vector<int64_t>{num_dims, 1, num_hidden} ||
      decoder.shape != std::vector<int64_t>{num_dims, num_hidden, 1}) {
    return NotAnEventRnn("the weights of its NADE do not fit its inputs");
  }
  NadeGraph result;
  result.nade = Nade(num_dims, static_cast<int>(num_hidden), std::move(encoder.values),
                     std::move(decoder.values));
  result.thresholds = !IsRandom(graph, sample);
  result.has_log_prob_column = true;
  for (const auto& node : graph.node()) {
    if (node.name() == NodeOf(log_prob) && node.op() == "Squeeze")
      result.has_log_prob_column = false;
  }
  return result;
}

}  // namespace magenta_serving
