// An RNN-NADE without a network, whose samples tell which state they are made of: for tests of what
// is around it.
#ifndef MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_NADE_MODEL_H_
#define MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_NADE_MODEL_H_

#include <algorithm>
#include <vector>

#include "servable/rnn/nade_model.h"

namespace magenta_serving {

// The state has one hidden unit's bias, the bits' biases, and a count of steps. The biases are
// always those of a coin for the first bit and next to none for the others; the graph's own sample
// is the bit whose number is the count, with a log-likelihood of -1.
class ScriptedNadeModel : public NadeModel {
 public:
  struct Options {
    bool thresholds = true;
    bool has_log_prob_column = true;
    int num_dims = 88;
  };

  explicit ScriptedNadeModel(const Options& options)
      : options_(options),
        nade_(options.num_dims, 1, std::vector<float>(options.num_dims, 0.0f),
              std::vector<float>(options.num_dims, 0.0f)),
        initial_state_(2 + options.num_dims, kNever) {
    initial_state_.front() = 0;
    initial_state_[1] = 0;
    initial_state_.back() = 0;
  }

  const Nade& nade() const override { return nade_; }
  int batch_size() const override { return 1; }
  absl::Span<const float> initial_state() const override { return initial_state_; }
  bool thresholds() const override { return options_.thresholds; }
  bool has_log_prob_column() const override { return options_.has_log_prob_column; }

  absl::Status Step(absl::Span<const NadeRow> rows, int num_steps) const override {
    for (const NadeRow& row : rows) {
      std::fill(row.sample.begin(), row.sample.end(), 0.0f);
      row.sample[static_cast<int>(row.state.back()) % options_.num_dims] = 1;
      *row.log_likelihood = -1;
      row.state.back() += num_steps;
    }
    return absl::OkStatus();
  }

  absl::Status Biases(absl::Span<const float> inputs, int num_steps, std::vector<float>* b_enc,
                      std::vector<float>* b_dec) const override {
    b_enc->assign(num_steps, 0.0f);
    b_dec->clear();
    for (int i = 0; i < num_steps; ++i) {
      b_dec->insert(b_dec->end(), initial_state_.begin() + 1, initial_state_.end() - 1);
    }
    return absl::OkStatus();
  }

 private:
  static constexpr float kNever = -30;  // a logit

  Options options_;
  Nade nade_;
  std::vector<float> initial_state_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_NADE_MODEL_H_
