#include "servable/rnn/native_nade_model.h"

#include <algorithm>
#include <utility>

namespace magenta_serving {

NativeNadeModel::NativeNadeModel(const CompiledGraph& compiled, NadeGraph nade,
                                 std::shared_ptr<StepBatcher> batcher)
    : batch_size_(compiled.signature.batch_size),
      nade_(std::move(nade)),
      batcher_(std::move(batcher)),
      initial_state_(biases_size() + batcher_->network().state_size()) {}

void NativeNadeModel::TakeThresholds(const NadeRow& row) const {
  const absl::Span<const float> state = row.state;
  *row.log_likelihood = nade().Choose(state.subspan(0, nade().num_hidden()),
                                      state.subspan(nade().num_hidden(), nade().num_dims()),
                                      [&](int dim, float probability) {
                                        const bool bit = probability >= 0.5f;
                                        row.sample[dim] = bit ? 1.0f : 0.0f;
                                        return bit;
                                      });
}

absl::Status NativeNadeModel::Step(absl::Span<const NadeRow> rows, int num_steps) const {
  if (thresholds()) {
    for (const NadeRow& row : rows) TakeThresholds(row);
  }
  const size_t row_biases = static_cast<size_t>(num_steps) * biases_size();
  std::vector<float> biases(rows.size() * row_biases);
  std::vector<SequenceSteps> sequences;
  sequences.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    sequences.push_back(
        {rows[i].inputs.data(), rows[i].state.data() + biases_size(), &biases[i * row_biases]});
  }
  batcher_->Step(sequences, num_steps);
  // Row i of a batch gets row i of the biases of all steps, the first row's steps first.
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t first = i / batch_size_ * batch_size_;
    const float* from = &biases[first * row_biases + (i - first) * biases_size()];
    std::copy_n(from, biases_size(), rows[i].state.data());
  }
  return absl::OkStatus();
}

absl::Status NativeNadeModel::Biases(absl::Span<const float> inputs, int num_steps,
                                     std::vector<float>* b_enc, std::vector<float>* b_dec) const {
  std::vector<float> state(batcher_->network().state_size());
  std::vector<float> biases(static_cast<size_t>(num_steps) * biases_size());
  batcher_->Step({SequenceSteps{inputs.data(), state.data(), biases.data()}}, num_steps);
  b_enc->clear();
  b_dec->clear();
  for (auto step = biases.begin(); step != biases.end(); step += biases_size()) {
    const auto middle = step + nade().num_hidden();
    b_enc->insert(b_enc->end(), step, middle);
    b_dec->insert(b_dec->end(), middle, step + biases_size());
  }
  return absl::OkStatus();
}

}  // namespace magenta_serving
