#include "servable/serving/bundle_info.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace magenta_serving {
namespace {

using tensorflow::NodeDef;

bool IsVariable(const NodeDef& node) {
  return (node.op() == "VariableV2" || node.op() == "Variable" || node.op() == "VarHandleOp") &&
         node.attr().count("shape") > 0;
}

std::vector<int64_t> ShapeOf(const NodeDef& variable) {
  std::vector<int64_t> shape;
  for (const auto& dim : variable.attr().at("shape").shape().dim()) shape.push_back(dim.size());
  return shape;
}

// Values in a tensor of this shape; 0 for a shape that no tensor in memory has.
int64_t Elements(const std::vector<int64_t>& shape) {
  constexpr int64_t kMost = int64_t{1} << 40;
  int64_t elements = 1;
  for (const int64_t size : shape) {
    if (size < 0 || (size > 0 && elements > kMost / size)) return 0;
    elements *= size;
  }
  return elements;
}

// Whether this is the matrix of an LSTM's four gates, [inputs + hidden, 4 * hidden], under the
// names that TensorFlow has given it over time.
bool IsLstmMatrix(const NodeDef& node) {
  const std::string name = absl::AsciiStrToLower(node.name());
  const absl::string_view leaf = absl::string_view(name).substr(name.rfind('/') + 1);
  return (absl::StrContains(name, "lstm_cell") || absl::StrContains(name, "lstmcell")) &&
         (leaf == "kernel" || leaf == "weights" || leaf == "matrix");
}

}  // namespace

BundleInfo DescribeBundle(const Bundle& bundle, const LoadedGenerator& loaded) {
  BundleInfo info;
  info.bytes = static_cast<int64_t>(bundle.serialized->size());
  info.generator_id = bundle.generator_id;
  info.description = bundle.generator_description;
  info.bundle_description = bundle.bundle_description;
  info.tensorflow_version = bundle.metagraph.meta_info_def().tensorflow_version();
  info.family = loaded.generator->family();
  info.config = loaded.generator->config();
  info.config_values = loaded.generator->config_values();
  info.batch_size = loaded.batch_size;
  info.input_size = loaded.input_size;
  info.num_classes = loaded.num_classes;
  info.engine = EngineName(loaded.network.engine);
  info.not_native = loaded.network.not_native;
  info.state_sizes = loaded.network.state_sizes;
  for (const NodeDef& node : bundle.metagraph.graph_def().node()) {
    if (!IsVariable(node) || absl::StrContains(node.name(), "global_step")) continue;
    const std::vector<int64_t> shape = ShapeOf(node);
    info.parameters += Elements(shape);
    if (shape.size() == 2 && IsLstmMatrix(node))
      info.layers.push_back(static_cast<int>(shape[1] / 4));
  }
  // Beyond a cell and a hidden vector for each layer, the state holds the attention's last output
  // and what it looks back at: attention_length vectors of the size of the layer it is on, the
  // first (or, in old graphs, the last).
  const int64_t recurrent = 2 * std::accumulate(info.layers.begin(), info.layers.end(), int64_t{0});
  // An RNN-NADE's state begins with the biases of its two layers.
  const size_t biases = loaded.num_classes == 0 ? std::min<size_t>(2, info.state_sizes.size()) : 0;
  const int64_t attention = std::accumulate(info.state_sizes.begin() + biases,
                                            info.state_sizes.end(), int64_t{0}) -
                            recurrent;
  if (!info.layers.empty() && attention > 0) {
    const int size = info.state_sizes.size() > 1 ? info.layers.front() : info.layers.back();
    if (size > 0) info.attention_length = std::max(0, static_cast<int>(attention / size) - 1);
  }
  return info;
}

}  // namespace magenta_serving
