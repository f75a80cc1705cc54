// One step of a batch of event sequences: the interface between generation, which knows music and
// randomness, and the engines, which know networks.
#ifndef MAGENTA_SERVING_RNN_STEP_MODEL_H_
#define MAGENTA_SERVING_RNN_STEP_MODEL_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace magenta_serving {

// Sizes of a model, all counted in float32 values of one row.
struct StepShape {
  // Rows in each run of the bundle's graph. Sampling depends on it: padding rows draw too.
  int batch_size = 0;
  int input_size = 0;   // An encoded event.
  int num_classes = 0;  // The softmax over next events, all heads together.
  int state_size = 0;   // All recurrent state tensors of one row, concatenated in the order of the
                        // graph's collection.
  // Classes of each head, in order: {num_classes}, or, where an event is drawn as several numbers,
  // one distribution for each of them.
  std::vector<int> head_sizes;
};

// One sequence in a call of StepModel::Step. The memory is the caller's.
struct StepRow {
  absl::Span<const float> inputs;  // [num_steps, input_size], encoded events
  absl::Span<float> state;    // [state_size]: read, then replaced by the state after the last step
  absl::Span<float> softmax;  // [num_steps, num_classes]: written, the distributions after each
                              // step, one head after another
};

// A recurrent network over events. Thread-safe: calls may run at the same time.
class StepModel {
 public:
  virtual ~StepModel() = default;

  virtual const StepShape& shape() const = 0;

  // The state of a sequence before its first event, [state_size].
  virtual absl::Span<const float> initial_state() const = 0;

  // Advances every row by `num_steps` events, with logits divided by `temperature` before the
  // softmax. A row's result does not depend on the other rows. INTERNAL when the engine fails,
  // never for the values it is given; RESOURCE_EXHAUSTED for more steps than memory can hold.
  virtual absl::Status Step(absl::Span<const StepRow> rows, int num_steps,
                            float temperature) const = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_STEP_MODEL_H_
