// The exact engine: the bundle's own graph in a TensorFlow session, fed as Magenta feeds it.
//
// Variables stay variables, every run has the batch size that is baked into the graph (missing rows
// are copies of the last one), and a primer goes in as one run of many steps: each of these changes
// the last bits of the softmax, and so, now and then, a note. Reproduces
// magenta/models/shared/{model,events_rnn_model}.py.
#ifndef MAGENTA_SERVING_RNN_SESSION_STEP_MODEL_H_
#define MAGENTA_SERVING_RNN_SESSION_STEP_MODEL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/step_model.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/public/session.h"

namespace magenta_serving {

// Magenta's session has a thread for each core, and for large layers a pool of one thread can round
// otherwise than larger pools. Two threads, whatever the machine, give what Magenta gives on
// machines of two cores or more.
inline constexpr int kDefaultThreads = 2;

class SessionStepModel : public StepModel {
 public:
  // Builds the graph of `bundle`, restores its checkpoint and runs one step, which also tells the
  // softmax's size. `threads` is the size of TensorFlow's intra-op pool, which the first session of
  // a process creates for all of them; a fixed size makes results independent of the machine's core
  // count. INVALID_ARGUMENT when the bundle's graph is not one of a Magenta event RNN or does not
  // fit its checkpoint.
  static absl::StatusOr<std::unique_ptr<SessionStepModel>> Create(const Bundle& bundle,
                                                                  int threads);
  ~SessionStepModel() override;

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }
  absl::Status Step(absl::Span<const StepRow> rows, int num_steps,
                    float temperature) const override;

  // Sizes of the graph's state tensors, in order; they add up to shape().state_size.
  const std::vector<int>& state_sizes() const { return state_sizes_; }

 private:
  SessionStepModel() = default;

  absl::Status ReadCollections(const tensorflow::MetaGraphDef& metagraph);
  absl::Status Restore(const tensorflow::MetaGraphDef& metagraph, const std::string& checkpoint);
  absl::Status ReadInitialState();
  absl::Status MakeStepCallable();
  absl::Status MeasureSoftmax();
  // One run of the graph on at most batch_size rows; Fetch gives what it returns, the softmax and
  // then the states, whose shapes it checks.
  absl::Status Run(absl::Span<const StepRow> rows, int num_steps, float temperature) const;
  absl::Status Fetch(absl::Span<const StepRow> rows, int num_steps, float temperature,
                     std::vector<tensorflow::Tensor>* fetched) const;

  std::unique_ptr<tensorflow::Session> session_;
  tensorflow::Session::CallableHandle step_callable_ = -1;
  StepShape shape_;
  std::vector<int> state_sizes_;
  std::vector<float> initial_state_;

  // Tensor names, from the metagraph's collections.
  std::string inputs_name_;
  std::string softmax_name_;
  std::string temperature_name_;  // empty in graphs that have no temperature
  std::vector<std::string> initial_state_names_;
  std::vector<std::string> final_state_names_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_SESSION_STEP_MODEL_H_
