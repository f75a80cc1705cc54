// The fast engine: the bundle's network on our own kernels, see GraphCompiler and StepBatcher. Its
// results differ from the graph's by float32 rounding.
#ifndef MAGENTA_SERVING_RNN_NATIVE_STEP_MODEL_H_
#define MAGENTA_SERVING_RNN_NATIVE_STEP_MODEL_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/batching/step_batcher.h"
#include "servable/rnn/graph_compiler.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

class NativeStepModel : public StepModel {
 public:
  // `compiled` is of an event RNN, and the batcher's network was made of it.
  NativeStepModel(const CompiledGraph& compiled, std::shared_ptr<StepBatcher> batcher);

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }
  absl::Status Step(absl::Span<const StepRow> rows, int num_steps,
                    float temperature) const override;

 private:
  const std::shared_ptr<StepBatcher> batcher_;
  const bool has_temperature_;
  StepShape shape_;
  std::vector<float> initial_state_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_NATIVE_STEP_MODEL_H_
