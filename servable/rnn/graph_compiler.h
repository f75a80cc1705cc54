// From a bundle's graph to a network for our own kernels.
//
// Recognises what Magenta builds, by the operations and how they are connected, whatever the names
// of nodes and variables and the era of TensorFlow: stacks of LSTM cells (BasicLSTMCell or the
// LSTMBlockCell operation, which is what cells trained with cuDNN become), one attention around the
// first layer or the whole stack, states as tuples or in one tensor, residual connections and input
// projections, one-hot encoding of the input, one or several softmaxes over an output projection,
// and the RNN of an RNN-NADE. See magenta/models/shared/events_rnn_graph.py,
// magenta/models/pianoroll_rnn_nade/pianoroll_rnn_nade_graph.py and, for the cells,
// magenta/contrib/rnn.py.
#ifndef MAGENTA_SERVING_RNN_GRAPH_COMPILER_H_
#define MAGENTA_SERVING_RNN_GRAPH_COMPILER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/bundle/bundle.h"
#include "servable/network/network_spec.h"
#include "servable/rnn/graph_signature.h"

namespace magenta_serving {

struct CompiledGraph {
  GraphSignature signature;
  std::vector<int> state_sizes;  // of the graph's state tensors that are recurrent, in order
  NetworkSpec network;
  // Tensors of the graph whose values, side by side, are the network's output: [rows, size].
  std::vector<std::string> outputs;
  std::vector<int> output_sizes;
};

// The network whose outputs are what goes into the softmaxes at temperature 1. UNIMPLEMENTED, with
// what was not understood, when the graph is not recognised or its checkpoint does not fit;
// INVALID_ARGUMENT when it cannot be one of a Magenta event RNN.
absl::StatusOr<CompiledGraph> CompileEventRnn(const Bundle& bundle);

// The network of an RNN-NADE, whose outputs are b_enc and b_dec of the next step. The state has
// only what is recurrent: these two come first in the graph's, and are no part of it.
absl::StatusOr<CompiledGraph> CompileRnnNade(const Bundle& bundle);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_GRAPH_COMPILER_H_
