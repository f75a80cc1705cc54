// One step of a batch of RNN-NADE sequences: an RNN whose output are the biases of a NADE over the
// next event. The interface between generation and the engine, like StepModel for models that give
// distributions over classes. Reproduces magenta/models/pianoroll_rnn_nade/*_graph.py.
#ifndef MAGENTA_SERVING_RNN_NADE_MODEL_H_
#define MAGENTA_SERVING_RNN_NADE_MODEL_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "servable/rnn/nade.h"

namespace magenta_serving {

// One sequence in a call of NadeModel::Step. The memory is the caller's.
struct NadeRow {
  absl::Span<const float> inputs;  // [num_steps, num_dims], bits of encoded events
  absl::Span<float> state;  // [state_size]: read, then replaced by the state after the last step
  // What the graph makes of the state that it read, not of the one after `inputs`; see
  // NadeModel::thresholds.
  absl::Span<float> sample;        // [num_dims]: written, bits
  float* log_likelihood = nullptr;  // written
};

// Thread-safe: calls may run at the same time. A state begins with b_enc and b_dec, the biases of
// the NADE, and goes on with the RNN's state.
class NadeModel {
 public:
  virtual ~NadeModel() = default;

  virtual const Nade& nade() const = 0;
  virtual int batch_size() const = 0;

  // The state of a sequence before its first event, [state_size]: zeros, biases included.
  virtual absl::Span<const float> initial_state() const = 0;

  // Whether the graph's own sample is fixed by the state: each bit is 1 whose probability is at
  // least a half. Such are the graphs of Magenta 2.1.4. Step writes sample and log_likelihood in
  // those only; older graphs draw each bit from a generator that cannot be seeded, and their
  // samples are not asked for.
  virtual bool thresholds() const = 0;

  // Whether the graph's log-likelihood has a column, which PianorollRnnNadeModel takes it to have:
  // graphs made by Magenta 2.1.4 itself have none, and with those it fails.
  virtual bool has_log_prob_column() const = 0;

  // Advances every row by `num_steps` events. With several steps, the biases of the new state are
  // not those of the row's last step: as in Magenta, row i of a batch gets row i of the biases of
  // all steps, the first row's steps first. INTERNAL when the engine fails, RESOURCE_EXHAUSTED for
  // more steps than memory can hold.
  virtual absl::Status Step(absl::Span<const NadeRow> rows, int num_steps) const = 0;

  // The biases after each of the events in `inputs`, [num_steps, num_dims], from the initial state:
  // replaces `b_enc` by [num_steps, num_hidden] and `b_dec` by [num_steps, num_dims]. Errors as
  // Step.
  virtual absl::Status Biases(absl::Span<const float> inputs, int num_steps,
                              std::vector<float>* b_enc, std::vector<float>* b_dec) const = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_NADE_MODEL_H_
