// Whether a bundle's graph is one that Magenta's generators have.
//
// A graph is a program, and bundles come from strangers. Of this one TensorFlow gets only what
// computes a step or restores the checkpoint, and only when that is made of operations that do no
// harm, of bounded size, and restores nothing but the bundle's own checkpoint.
#ifndef MAGENTA_SERVING_BUNDLE_GRAPH_VETTING_H_
#define MAGENTA_SERVING_BUNDLE_GRAPH_VETTING_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/checkpoint/checkpoint.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

// Parses a serialized MetaGraphDef if it is not so large that the parsed one would be a burden.
// INVALID_ARGUMENT when it is, or is none.
absl::StatusOr<tensorflow::MetaGraphDef> ParseMetagraph(absl::string_view serialized);

// Takes out of the graph what generation does not need: initialisers, what saves checkpoints,
// training. INVALID_ARGUMENT, with the reason, when the rest is not made as Magenta's graphs are or
// has other variables than the checkpoint.
absl::Status VetGraph(const Checkpoint& checkpoint, tensorflow::MetaGraphDef* metagraph);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BUNDLE_GRAPH_VETTING_H_
