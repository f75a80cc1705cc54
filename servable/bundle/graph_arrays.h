// Whether the arrays of tensors in a graph's loops are of the sizes that Magenta's are.
//
// TensorFlow makes room for all of an array at once, beside the memory of tensors, which is bounded
// where a graph runs. So how large it gets is checked beforehand.
#ifndef MAGENTA_SERVING_BUNDLE_GRAPH_ARRAYS_H_
#define MAGENTA_SERVING_BUNDLE_GRAPH_ARRAYS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"

namespace magenta_serving {

using GraphNodesByName = absl::flat_hash_map<std::string, const tensorflow::NodeDef*>;

// The node that a tensor or an input ("name", "name:1", "^name") is of.
absl::string_view NodeOf(absl::string_view tensor);

bool MakesArray(const tensorflow::NodeDef& node);

// Checks a node if it makes an array or writes to one. INVALID_ARGUMENT, with the rest of a
// sentence that begins with the node.
absl::Status CheckArray(const GraphNodesByName& nodes, const tensorflow::NodeDef& node);

// Lets no array be made that is longer than 2^20, whatever length it finds when the graph runs: an empty
// tensor may have any. For a graph whose nodes were checked.
void BoundArrays(tensorflow::GraphDef* graph);

// The writes in the body of a functional loop that put one value after the other into a list, which
// may grow by them: where they write, the loop counts up. `inside` has the body's nodes.
std::vector<const tensorflow::NodeDef*> OrderlyWrites(const GraphNodesByName& nodes,
                                                      const tensorflow::NodeDef& loop,
                                                      const tensorflow::FunctionDef& body,
                                                      const GraphNodesByName& inside);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BUNDLE_GRAPH_ARRAYS_H_
