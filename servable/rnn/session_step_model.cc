#include "servable/rnn/session_step_model.h"

#include <algorithm>
#include <string>

#include "servable/base/status.h"

namespace magenta_serving {
using tensorflow::Tensor;
using tensorflow::TensorShape;

absl::StatusOr<std::unique_ptr<SessionStepModel>> SessionStepModel::Create(const Bundle& bundle,
                                                                           int threads) {
  MS_ASSIGN_OR_RETURN(std::vector<std::string> softmax, SoftmaxTensors(bundle.metagraph));
  std::vector<Tensor> first_step;
  MS_ASSIGN_OR_RETURN(std::unique_ptr<GraphSession> graph,
                      GraphSession::Create(bundle, threads, /*will_serve=*/true, std::move(softmax), &first_step));
  std::unique_ptr<SessionStepModel> model(new SessionStepModel(std::move(graph)));
  MS_RETURN_IF_ERROR(model->ReadShape(first_step));
  return model;
}

absl::Status SessionStepModel::ReadShape(const std::vector<Tensor>& first_step) {
  shape_.batch_size = graph_->batch_size();
  shape_.input_size = graph_->input_size();
  shape_.state_size = graph_->state_size();
  for (const Tensor& softmax : first_step) {
    if (softmax.dtype() != tensorflow::DT_FLOAT || softmax.dims() != 3 ||
        softmax.dim_size(0) != shape_.batch_size || softmax.dim_size(1) != 1 ||
        softmax.dim_size(2) < 1) {
      return NotAnEventRnn(absl::StrCat("its softmax after one step is ", softmax.DebugString(0)));
    }
    shape_.head_sizes.push_back(static_cast<int>(softmax.dim_size(2)));
    shape_.num_classes += shape_.head_sizes.back();
  }
  return absl::OkStatus();
}

absl::Status SessionStepModel::Step(absl::Span<const StepRow> rows, int num_steps,
                                    float temperature) const {
  while (!rows.empty()) {
    const size_t count = std::min<size_t>(rows.size(), shape_.batch_size);
    MS_RETURN_IF_ERROR(StepBatch(rows.subspan(0, count), num_steps, temperature));
    rows.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status SessionStepModel::StepBatch(absl::Span<const StepRow> rows, int num_steps,
                                         float temperature) const {
  std::vector<GraphRow> graph_rows;
  graph_rows.reserve(rows.size());
  for (const StepRow& row : rows) graph_rows.push_back({row.inputs, row.state});
  std::vector<Tensor> outputs;
  MS_RETURN_IF_ERROR(graph_->Run(graph_rows, num_steps, temperature, &outputs));
  size_t offset = 0;
  for (size_t head = 0; head < outputs.size(); ++head) {
    const int classes = shape_.head_sizes[head];
    const Tensor& softmax = outputs[head];
    if (softmax.shape() != TensorShape({shape_.batch_size, num_steps, classes})) {
      return absl::InternalError(
          absl::StrCat("the graph gave a softmax of shape ", softmax.shape().DebugString()));
    }
    const float* from = softmax.flat<float>().data();
    for (const StepRow& row : rows) {
      for (int step = 0; step < num_steps; ++step, from += classes) {
        std::copy_n(from, classes,
                    row.softmax.data() + static_cast<size_t>(step) * shape_.num_classes + offset);
      }
    }
    offset += classes;
  }
  return absl::OkStatus();
}

}  // namespace magenta_serving
