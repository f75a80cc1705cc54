// What a recurrent network computes in one step, as its graph says it: layers of one sequence's
// values, without batch, time or data movement.
//
// What a layer computes begins at a multiple of kPanel of the computed values, and what would fill
// its last panel belongs to it.
#ifndef MAGENTA_SERVING_NETWORK_NETWORK_SPEC_H_
#define MAGENTA_SERVING_NETWORK_NETWORK_SPEC_H_

#include <variant>
#include <vector>

namespace magenta_serving {

// Consecutive float32 values of one sequence in one step.
struct Slice {
  enum Source {
    kInput,     // what is fed, or, with NetworkSpec::one_hot_depth, its one-hot vector
    kState,     // the state before the step
    kComputed,  // what layers computed in this step
  };
  Source source = kComputed;
  int offset = 0;
  int size = 0;

  bool operator==(const Slice& other) const {
    return source == other.source && offset == other.offset && size == other.size;
  }
};

using Slices = std::vector<Slice>;  // side by side

int SizeOf(const Slices& slices);

// y = x W + b.
struct LinearLayer {
  Slices inputs;
  int size = 0;
  std::vector<float> weights;  // [inputs, size]
  std::vector<float> bias;     // [size], or none
  int output = 0;              // where in the computed values y goes
};

// A long short-term memory: tf.nn.rnn_cell.BasicLSTMCell and the LSTMBlockCell operation.
//   c' = c sigmoid(f) + sigmoid(i) tanh(j);  h' = tanh(c') sigmoid(o)
struct LstmLayer {
  Slices inputs;               // x and h
  Slice cell;                  // c, of the state
  int size = 0;                // hidden units
  std::vector<float> weights;  // [inputs, 4 * size]: columns of the gates i, j, f, o
  std::vector<float> bias;     // [4 * size], the forget gate's own bias included
  int new_cell = 0;            // where in the computed values c' goes
  int new_hidden = 0;          // and h'
};

// Attention over the last outputs of a cell: tf.contrib.rnn.AttentionCellWrapper.
//   s_l = sum_a scale_a tanh((m_l W)_a + query_a);  y = sum_l softmax(s)_l m_l
struct AttentionLayer {
  int memory = 0;  // where in the state the memory m is, [length, size], the oldest row first
  int length = 0;
  int size = 0;
  std::vector<float> weights;  // W, [size, size]
  std::vector<float> scale;    // [size]
  Slice query;                 // computed
  int output = 0;              // where in the computed values y goes
  Slices appended;  // the row that enters the memory after the step, when the oldest one leaves
};

// y = a + b.
struct SumLayer {
  Slices a;
  Slices b;
  int output = 0;  // where in the computed values y goes
};

using Layer = std::variant<LinearLayer, LstmLayer, AttentionLayer, SumLayer>;

struct NetworkSpec {
  int input_size = 0;     // values fed at each step
  int one_hot_depth = 0;  // when not 0, the one value that is fed is the index of a 1 among so many
  int state_size = 0;
  int computed_size = 0;      // values that all layers compute
  std::vector<Layer> layers;  // in the order in which they are computed
  Slices output;
  Slices new_state;  // [state_size]; a memory of attention counts as unchanged
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_NETWORK_NETWORK_SPEC_H_
