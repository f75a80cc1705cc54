// A bundle's own graph in a TensorFlow session, fed as Magenta feeds it.
//
// Variables stay variables, every run has the batch size that is baked into the graph (missing rows
// are copies of the last one), and a primer goes in as one run of many steps: each of these changes
// the last bits of the results, and so, now and then, a note. Reproduces
// magenta/models/shared/model.py and the feeding of events_rnn_model.py.
#ifndef MAGENTA_SERVING_RNN_GRAPH_SESSION_H_
#define MAGENTA_SERVING_RNN_GRAPH_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/bounded_session.h"
#include "servable/rnn/graph_signature.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/public/session.h"

namespace magenta_serving {

// Magenta's session has a thread for each core, and for large layers a pool of one thread can round
// otherwise than larger pools. Two threads, whatever the machine, give what Magenta gives on
// machines of two cores or more.
inline constexpr int kDefaultThreads = 2;

// One sequence in a run of the graph. The memory is the caller's.
struct GraphRow {
  absl::Span<const float> inputs;  // [num_steps, input_size]
  absl::Span<float> state;  // [state_size]: read, then replaced by the state after the last step
};

// Thread-safe: runs may go on at the same time.
class GraphSession {
 public:
  // Builds the graph of `bundle`, restores its checkpoint and runs one step on a zero input. A run
  // gives the tensors `outputs`; `first_step` gets those of the first, which show their shapes.
  // `threads` is the size of TensorFlow's intra-op pool, which the first session of a process
  // creates for all of them; a fixed size makes results independent of the machine's core count.
  // TensorFlow optimises the graph only if it `will_serve`: that takes longer than a few steps.
  // INVALID_ARGUMENT when the bundle's graph is not one of a Magenta event RNN, does not fit its
  // checkpoint, or takes more memory or time than a step of such a network does.
  static absl::StatusOr<std::unique_ptr<GraphSession>> Create(
      const Bundle& bundle, int threads, bool will_serve, std::vector<std::string> outputs,
      std::vector<tensorflow::Tensor>* first_step);

  // Rows of a run, and values of one row's input at one step.
  int batch_size() const { return signature_.batch_size; }
  int input_size() const { return signature_.input_size; }

  // Values of one row in each of the graph's state tensors, in order, and in all of them.
  const std::vector<int>& state_sizes() const { return state_sizes_; }
  int state_size() const { return static_cast<int>(initial_state_.size()); }

  // The state of a sequence before its first event, [state_size].
  absl::Span<const float> initial_state() const { return initial_state_; }

  // One run of 1 to batch_size rows over `num_steps` steps: replaces the rows' states and gives the
  // outputs of the whole batch. `temperature` is fed where the graph has one. Of a final state with
  // more rows than the batch (see pianoroll_rnn_nade_graph.py) the first ones count, as in Magenta.
  // RESOURCE_EXHAUSTED for so many steps that the run would not fit in memory, INTERNAL when
  // TensorFlow fails.
  absl::Status Run(absl::Span<const GraphRow> rows, int num_steps, float temperature,
                   std::vector<tensorflow::Tensor>* outputs) const;

  // The values of tensors that follow from the checkpoint alone: variables, say. INVALID_ARGUMENT
  // when they do not.
  absl::StatusOr<std::vector<tensorflow::Tensor>> Read(
      const std::vector<std::string>& tensors) const;

 private:
  GraphSession() = default;

  absl::Status Restore(const tensorflow::MetaGraphDef& metagraph, absl::string_view checkpoint);
  absl::Status ReadInitialState();
  absl::Status MakeStepCallable(const std::vector<std::string>& outputs);
  absl::Status TakeFirstStep(std::vector<tensorflow::Tensor>* outputs);
  std::vector<tensorflow::Tensor> Feeds(absl::Span<const GraphRow> rows, int num_steps,
                                        float temperature) const;

  std::unique_ptr<BoundedSession> session_;
  tensorflow::Session::CallableHandle step_callable_ = -1;
  GraphSignature signature_;
  int64_t step_size_ = 1;  // values of all rows' inputs and outputs for one step
  std::vector<int> state_sizes_;
  std::vector<float> initial_state_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_GRAPH_SESSION_H_
