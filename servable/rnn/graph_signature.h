// What a bundle's metagraph says of its graph in collections: which tensors are fed and fetched.
#ifndef MAGENTA_SERVING_RNN_GRAPH_SIGNATURE_H_
#define MAGENTA_SERVING_RNN_GRAPH_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

struct GraphSignature {
  int batch_size = 0;       // rows of each run
  int input_size = 0;       // values of one row's input at one step
  std::string inputs;       // the names of tensors
  std::string temperature;  // empty in graphs that have none
  std::vector<std::string> initial_state;
  std::vector<std::string> final_state;  // in the order of initial_state
};

// INVALID_ARGUMENT when the graph is not one of a Magenta event RNN.
absl::StatusOr<GraphSignature> ReadGraphSignature(const tensorflow::MetaGraphDef& metagraph);

// The softmax of each head. Bundles with note encoding have lost their collection: Magenta puts the
// list of softmaxes into it as one item, which a metagraph cannot hold. Their heads are found in
// the graph. INVALID_ARGUMENT when there are none.
absl::StatusOr<std::vector<std::string>> SoftmaxTensors(const tensorflow::MetaGraphDef& metagraph);

// The tensors in a collection of the metagraph, in order; none where there is no such collection.
std::vector<std::string> CollectionTensors(const tensorflow::MetaGraphDef& metagraph,
                                           const std::string& name);

// The tensor of a collection of one. INVALID_ARGUMENT when there are more or fewer.
absl::StatusOr<std::string> OnlyTensorOf(const tensorflow::MetaGraphDef& metagraph,
                                         const std::string& name);

// The error for a bundle whose graph is not what Magenta makes.
absl::Status NotAnEventRnn(absl::string_view why);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_GRAPH_SIGNATURE_H_
