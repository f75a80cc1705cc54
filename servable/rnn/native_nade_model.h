// The fast engine for RNN-NADEs: the RNN on our own kernels, see NativeStepModel, the NADE in
// Nade.
#ifndef MAGENTA_SERVING_RNN_NATIVE_NADE_MODEL_H_
#define MAGENTA_SERVING_RNN_NATIVE_NADE_MODEL_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/batching/step_batcher.h"
#include "servable/rnn/graph_compiler.h"
#include "servable/rnn/nade_graph.h"
#include "servable/rnn/nade_model.h"

namespace magenta_serving {

class NativeNadeModel : public NadeModel {
 public:
  // `compiled` is of an RNN-NADE, and the batcher's network was made of it.
  NativeNadeModel(const CompiledGraph& compiled, NadeGraph nade,
                  std::shared_ptr<StepBatcher> batcher);

  const Nade& nade() const override { return nade_.nade; }
  int batch_size() const override { return batch_size_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }
  bool thresholds() const override { return nade_.thresholds; }
  bool has_log_prob_column() const override { return nade_.has_log_prob_column; }
  absl::Status Step(absl::Span<const NadeRow> rows, int num_steps) const override;
  absl::Status Biases(absl::Span<const float> inputs, int num_steps, std::vector<float>* b_enc,
                      std::vector<float>* b_dec) const override;

 private:
  // b_enc and b_dec.
  int biases_size() const { return nade().num_hidden() + nade().num_dims(); }
  void TakeThresholds(const NadeRow& row) const;

  const int batch_size_;
  const NadeGraph nade_;
  const std::shared_ptr<StepBatcher> batcher_;
  std::vector<float> initial_state_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_NATIVE_NADE_MODEL_H_
