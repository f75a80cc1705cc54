// The exact engine for RNN-NADE models: the bundle's own graph in a TensorFlow session, see
// GraphSession.
#ifndef MAGENTA_SERVING_RNN_SESSION_NADE_MODEL_H_
#define MAGENTA_SERVING_RNN_SESSION_NADE_MODEL_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/graph_session.h"
#include "servable/rnn/nade_graph.h"
#include "servable/rnn/nade_model.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {

class SessionNadeModel : public NadeModel {
 public:
  // Loads the graph of `bundle`, runs one step and reads the NADE's weights from its variables.
  // INVALID_ARGUMENT when the bundle's graph is not one of a Magenta RNN-NADE or does not fit its
  // checkpoint; `threads` as GraphSession.
  static absl::StatusOr<std::unique_ptr<SessionNadeModel>> Create(const Bundle& bundle,
                                                                  int threads);

  const Nade& nade() const override { return nade_.nade; }
  int batch_size() const override { return graph_->batch_size(); }
  absl::Span<const float> initial_state() const override { return graph_->initial_state(); }
  bool thresholds() const override { return nade_.thresholds; }
  bool has_log_prob_column() const override { return nade_.has_log_prob_column; }
  absl::Status Step(absl::Span<const NadeRow> rows, int num_steps) const override;
  absl::Status Biases(absl::Span<const float> inputs, int num_steps, std::vector<float>* b_enc,
                      std::vector<float>* b_dec) const override;

  // Values of one row in each of the graph's state tensors, in order.
  const std::vector<int>& state_sizes() const { return graph_->state_sizes(); }

 private:
  SessionNadeModel() = default;

  absl::Status CheckShapes(const std::vector<tensorflow::Tensor>& first_step) const;
  // A step of at most batch_size rows.
  absl::Status StepBatch(absl::Span<const NadeRow> rows, int num_steps) const;

  std::unique_ptr<GraphSession> graph_;
  NadeGraph nade_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_SESSION_NADE_MODEL_H_
