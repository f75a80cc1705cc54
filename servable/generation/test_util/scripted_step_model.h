// A step model without a network, whose distributions follow from the last input alone: for tests
// of what is around it.
#ifndef MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_STEP_MODEL_H_
#define MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_STEP_MODEL_H_

#include <algorithm>
#include <vector>

#include "servable/rnn/step_model.h"

namespace magenta_serving {

// For one-hot inputs of class c, class c + 1 gets almost all of the probability. The state counts
// steps.
class ScriptedStepModel : public StepModel {
 public:
  ScriptedStepModel(int num_classes, int batch_size)
      : shape_{batch_size, num_classes, num_classes, 1, {num_classes}} {}

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }

  absl::Status Step(absl::Span<const StepRow> rows, int num_steps, float) const override {
    const int classes = shape_.num_classes;
    for (const StepRow& row : rows) {
      for (int step = 0; step < num_steps; ++step) {
        const float* input = row.inputs.data() + step * classes;
        const int hot = static_cast<int>(std::max_element(input, input + classes) - input);
        float* softmax = row.softmax.data() + step * classes;
        std::fill_n(softmax, classes, 0.0f);
        softmax[(hot + 1) % classes] = 0.75f;
        softmax[hot] = 0.25f;
        row.state[0] += 1;
      }
    }
    return absl::OkStatus();
  }

 private:
  StepShape shape_;
  std::vector<float> initial_state_ = {0.0f};
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_STEP_MODEL_H_
