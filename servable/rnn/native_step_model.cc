#include "servable/rnn/native_step_model.h"

#include <numeric>
#include <utility>

namespace magenta_serving {

NativeStepModel::NativeStepModel(const CompiledGraph& compiled,
                                 std::shared_ptr<StepBatcher> batcher)
    : batcher_(std::move(batcher)), has_temperature_(!compiled.signature.temperature.empty()) {
  const Network& network = batcher_->network();
  shape_.batch_size = compiled.signature.batch_size;
  shape_.input_size = network.input_size();
  shape_.num_classes = network.output_size();
  shape_.state_size = network.state_size();
  shape_.head_sizes = compiled.output_sizes;
  initial_state_.resize(network.state_size());
}

absl::Status NativeStepModel::Step(absl::Span<const StepRow> rows, int num_steps,
                                   float temperature) const {
  std::vector<SequenceSteps> sequences;
  sequences.reserve(rows.size());
  for (const StepRow& row : rows)
    sequences.push_back({row.inputs.data(), row.state.data(), row.softmax.data()});
  batcher_->Step(sequences, num_steps);

  const Kernels& kernels = batcher_->network().kernels();
  const float divisor = has_temperature_ ? temperature : 1.0f;
  for (const StepRow& row : rows) {
    float* logits = row.softmax.data();
    for (int step = 0; step < num_steps; ++step) {
      for (const int size : shape_.head_sizes) {
        kernels.softmax(logits, size, divisor);
        logits += size;
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace magenta_serving
