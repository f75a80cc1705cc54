#include "servable/rnn/session_nade_model.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"

namespace magenta_serving {

using tensorflow::Tensor;

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
  MS_ASSIGN_OR_RETURN(model->nade_, ReadNadeGraph(bundle));
  // The biases of all steps, and what the graph makes of the state that it is fed.
  std::vector<std::string> outputs = {final_state[0], final_state[1]};
  if (model->thresholds()) outputs.insert(outputs.end(), {sample, log_prob});
  std::vector<Tensor> first_step;
  MS_ASSIGN_OR_RETURN(model->graph_, GraphSession::Create(bundle, threads, /*will_serve=*/true, outputs, &first_step));
  MS_RETURN_IF_ERROR(model->CheckShapes(first_step));
  return model;
}

absl::Status SessionNadeModel::CheckShapes(const std::vector<Tensor>& first_step) const {
  if (graph_->state_sizes()[0] != nade().num_hidden() ||
      graph_->state_sizes()[1] != nade().num_dims()) {
    return NotAnEventRnn(absl::StrCat("its NADE has ", graph_->state_sizes()[0], " and ",
                                      graph_->state_sizes()[1], " biases, not ",
                                      nade().num_hidden(), " and ", nade().num_dims()));
  }
  if (!thresholds()) return absl::OkStatus();
  const Tensor& sample = first_step[2];
  const Tensor& log_prob = first_step[3];
  if (sample.dtype() != tensorflow::DT_FLOAT || log_prob.dtype() != tensorflow::DT_FLOAT ||
      sample.shape() != tensorflow::TensorShape({batch_size(), nade().num_dims()}) ||
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
  if (!thresholds()) return absl::OkStatus();
  MS_RETURN_IF_ERROR(CheckShapes(outputs));
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(outputs[2].flat<float>().data() + i * nade().num_dims(), nade().num_dims(),
                rows[i].sample.data());
    *rows[i].log_likelihood = outputs[3].flat<float>()(i);
  }
  return absl::OkStatus();
}

absl::Status SessionNadeModel::Biases(absl::Span<const float> inputs, int num_steps,
                                      std::vector<float>* b_enc, std::vector<float>* b_dec) const {
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
  MS_RETURN_IF_ERROR(take(outputs[0], nade().num_hidden(), b_enc));
  return take(outputs[1], nade().num_dims(), b_dec);
}

}  // namespace magenta_serving
