// The exact engine: the bundle's own graph in a TensorFlow session, see GraphSession. Reproduces
// magenta/models/shared/events_rnn_model.py.
#ifndef MAGENTA_SERVING_RNN_SESSION_STEP_MODEL_H_
#define MAGENTA_SERVING_RNN_SESSION_STEP_MODEL_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/graph_session.h"
#include "servable/rnn/step_model.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {

class SessionStepModel : public StepModel {
 public:
  // Loads the graph of `bundle` and runs one step, which also tells the softmax's size. The softmax
  // is what the collection of that name holds; bundles with note encoding have lost that
  // collection, and their heads are found in the graph. INVALID_ARGUMENT when the bundle's graph is
  // not one of a Magenta event RNN or does not fit its checkpoint; `threads` as GraphSession.
  static absl::StatusOr<std::unique_ptr<SessionStepModel>> Create(const Bundle& bundle,
                                                                  int threads);

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return graph_->initial_state(); }
  absl::Status Step(absl::Span<const StepRow> rows, int num_steps,
                    float temperature) const override;

  // Sizes of the graph's state tensors, in order; they add up to shape().state_size.
  const std::vector<int>& state_sizes() const { return graph_->state_sizes(); }

 private:
  explicit SessionStepModel(std::unique_ptr<GraphSession> graph) : graph_(std::move(graph)) {}

  absl::Status ReadShape(const std::vector<tensorflow::Tensor>& first_step);
  // A step of at most batch_size rows.
  absl::Status StepBatch(absl::Span<const StepRow> rows, int num_steps, float temperature) const;

  std::unique_ptr<GraphSession> graph_;
  StepShape shape_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_SESSION_STEP_MODEL_H_
