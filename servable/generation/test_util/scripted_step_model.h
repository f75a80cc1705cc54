// A step model without a network, whose distributions follow from the last input alone: for tests
// of what is around it.
#ifndef MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_STEP_MODEL_H_
#define MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_STEP_MODEL_H_

#include <algorithm>
#include <vector>

#include "servable/rnn/step_model.h"

namespace magenta_serving {

// For one-hot inputs of class c, class c + 1 gets almost all of the probability. Where inputs begin
// with the one-hot class of a control event, k, that is class c + k. The state counts steps.
class ScriptedStepModel : public StepModel {
 public:
  ScriptedStepModel(int num_classes, int batch_size, int num_control_classes = 0)
      : shape_{batch_size, num_control_classes + num_classes, num_classes, 1, {num_classes}} {}

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }

  absl::Status Step(absl::Span<const StepRow> rows, int num_steps, float) const override {
    const int classes = shape_.num_classes;
    const int controls = shape_.input_size - classes;
    for (const StepRow& row : rows) {
      for (int step = 0; step < num_steps; ++step) {
        const float* input = row.inputs.data() + step * shape_.input_size;
        const int hot = HotOf(input + controls, classes);
        const int next = hot + (controls == 0 ? 1 : HotOf(input, controls));
        float* softmax = row.softmax.data() + step * classes;
        std::fill_n(softmax, classes, 0.0f);
        softmax[next % classes] += 0.75f;
        softmax[hot] += 0.25f;
        row.state[0] += 1;
      }
    }
    return absl::OkStatus();
  }

 private:
  static int HotOf(const float* values, int size) {
    return static_cast<int>(std::max_element(values, values + size) - values);
  }

  StepShape shape_;
  std::vector<float> initial_state_ = {0.0f};
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_TEST_UTIL_SCRIPTED_STEP_MODEL_H_
