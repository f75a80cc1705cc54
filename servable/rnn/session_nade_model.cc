#include "servable/rnn/session_nade_model.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "servable/base/status.h"
#include "tensorflow/core/framework/variable.pb.h"

namespace magenta_serving {
namespace {

using tensorflow::Tensor;

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

// The tensor that reads the only variable whose name ends in `name`.
absl::StatusOr<std::string> VariableNamed(const tensorflow::MetaGraphDef& metagraph,
                                          const std::string& name) {
  const auto found = metagraph.collection_def().find("trainable_variables");
  std::vector<std::string> readers;
  if (found != metagraph.collection_def().end()) {
    for (const std::string& serialized : found->second.bytes_list().value()) {
      tensorflow::VariableDef variable;
      if (variable.ParseFromString(serialized) &&
          absl::EndsWith(variable.variable_name(), absl::StrCat("/", name, ":0"))) {
        readers.push_back(variable.snapshot_name());
      }
    }
  }
  if (readers.size() == 1) return readers[0];
  return NotAnEventRnn(absl::StrCat("it has ", readers.size(), " variables '", name, "', not 1"));
}

// The values of a variable whose three dimensions are `dims`.
absl::StatusOr<std::vector<float>> WeightsOf(const Tensor& tensor, const std::vector<int>& dims) {
  if (tensor.dtype() != tensorflow::DT_FLOAT ||
      tensor.shape() != tensorflow::TensorShape({dims[0], dims[1], dims[2]})) {
    return NotAnEventRnn(absl::StrCat("a weight of its NADE is ", tensor.DebugString(0)));
  }
  const auto values = tensor.flat<float>();
  return std::vector<float>(values.data(), values.data() + values.size());
}

}  // namespace

absl::StatusOr<std::unique_ptr<SessionNadeModel>> SessionNadeModel::Create(const Bundle& bundle,
                                                                           int threads) {
  const tensorflow::MetaGraphDef& metagraph = bundle.metagraph;
  std::unique_ptr<SessionNadeModel> model(new SessionNadeModel());
  MS_ASSIGN_OR_RETURN(const std::string sample, OnlyTensorOf(metagraph, "sample"));
  MS_ASSIGN_OR_RETURN(const std::string log_prob, OnlyTensorOf(metagraph, "log_prob"));
  const std::vector<std::string> final_state = CollectionTensors(metagraph, "final_state");
  if (final_state.size() < 3) {
    return NotAnEventRnn(absl::StrCat("its state has ", final_state.size(), " tensors"));
  }
  model->thresholds_ = !IsRandom(metagraph.graph_def(), sample);
  // The biases of all steps, and what the graph makes of the state that it is fed.
  std::vector<std::string> outputs = {final_state[0], final_state[1]};
  if (model->thresholds_) outputs.insert(outputs.end(), {sample, log_prob});
  std::vector<Tensor> first_step;
  MS_ASSIGN_OR_RETURN(model->graph_, GraphSession::Create(bundle, threads, outputs, &first_step));
  MS_RETURN_IF_ERROR(model->ReadWeights(bundle));
  MS_RETURN_IF_ERROR(model->CheckShapes(first_step));
  return model;
}

absl::Status SessionNadeModel::ReadWeights(const Bundle& bundle) {
  MS_ASSIGN_OR_RETURN(const std::string encoder, VariableNamed(bundle.metagraph, "w_enc"));
  MS_ASSIGN_OR_RETURN(const std::string decoder, VariableNamed(bundle.metagraph, "w_dec_t"));
  MS_ASSIGN_OR_RETURN(const std::string log_prob, OnlyTensorOf(bundle.metagraph, "log_prob"));
  std::vector<Tensor> tensors;
  MS_ASSIGN_OR_RETURN(tensors, graph_->Read({encoder, decoder, log_prob}));
  const int num_hidden = graph_->state_sizes()[0];
  const int num_dims = graph_->input_size();
  MS_ASSIGN_OR_RETURN(std::vector<float> encoder_weights,
                      WeightsOf(tensors[0], {num_dims, 1, num_hidden}));
  MS_ASSIGN_OR_RETURN(std::vector<float> decoder_weights,
                      WeightsOf(tensors[1], {num_dims, num_hidden, 1}));
  nade_ = Nade(num_dims, num_hidden, std::move(encoder_weights), std::move(decoder_weights));
  has_log_prob_column_ = tensors[2].dims() == 2;
  return absl::OkStatus();
}

absl::Status SessionNadeModel::CheckShapes(const std::vector<Tensor>& first_step) const {
  if (graph_->state_sizes()[1] != nade_.num_dims()) {
    return NotAnEventRnn(absl::StrCat("its NADE has ", graph_->state_sizes()[1],
                                      " biases for inputs of ", nade_.num_dims()));
  }
  if (!thresholds_) return absl::OkStatus();
  const Tensor& sample = first_step[2];
  const Tensor& log_prob = first_step[3];
  if (sample.dtype() != tensorflow::DT_FLOAT || log_prob.dtype() != tensorflow::DT_FLOAT ||
      sample.shape() != tensorflow::TensorShape({batch_size(), nade_.num_dims()}) ||
      log_prob.NumElements() != batch_size()) {
    return NotAnEventRnn(absl::StrCat("its sample is ", sample.DebugString(0),
                                      " and its log-likelihood ", log_prob.DebugString(0)));
  }
  return absl::OkStatus();
}

absl::Status SessionNadeModel::Step(absl::Span<const NadeRow> rows, int num_steps) const {
  while (!rows.empty()) {
    const size_t count = std::min<size_t>(rows.size(), batch_size());
    MS_RETURN_IF_ERROR(StepBatch(rows.subspan(0, count), num_steps));
    rows.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status SessionNadeModel::StepBatch(absl::Span<const NadeRow> rows, int num_steps) const {
  std::vector<GraphRow> graph_rows;
  graph_rows.reserve(rows.size());
  for (const NadeRow& row : rows) graph_rows.push_back({row.inputs, row.state});
  std::vector<Tensor> outputs;
  MS_RETURN_IF_ERROR(graph_->Run(graph_rows, num_steps, 1.0f, &outputs));
  if (!thresholds_) return absl::OkStatus();
  MS_RETURN_IF_ERROR(CheckShapes(outputs));
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(outputs[2].flat<float>().data() + i * nade_.num_dims(), nade_.num_dims(),
                rows[i].sample.data());
    *rows[i].log_likelihood = outputs[3].flat<float>()(i);
  }
  return absl::OkStatus();
}

absl::Status SessionNadeModel::Biases(absl::Span<const float> inputs, int num_steps,
                                      std::vector<float>* b_enc,
                                      std::vector<float>* b_dec) const {
  std::vector<float> state(initial_state().begin(), initial_state().end());
  std::vector<Tensor> outputs;
  MS_RETURN_IF_ERROR(
      graph_->Run({GraphRow{inputs, absl::MakeSpan(state)}}, num_steps, 1.0f, &outputs));
  // The rows of the batch are copies of this one, whose steps come first.
  const auto take = [&](const Tensor& tensor, int size, std::vector<float>* values) {
    if (tensor.dtype() != tensorflow::DT_FLOAT || tensor.dims() != 2 ||
        tensor.dim_size(0) < num_steps || tensor.dim_size(1) != size) {
      return absl::InternalError(
          absl::StrCat("the graph gave biases of shape ", tensor.shape().DebugString()));
    }
    const float* data = tensor.flat<float>().data();
    values->assign(data, data + static_cast<size_t>(num_steps) * size);
    return absl::OkStatus();
  };
  MS_RETURN_IF_ERROR(take(outputs[0], nade_.num_hidden(), b_enc));
  return take(outputs[1], nade_.num_dims(), b_dec);
}

}  // namespace magenta_serving
