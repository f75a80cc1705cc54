// The operations that the graphs of Magenta's generators are made of.
//
// They are those of the 85 kinds seen in bundles from TensorFlow 0.12 to 2.19, of all families, in
// what generation needs of them, and those that the same Python functions of Magenta and TensorFlow
// make in the eras between. All of them compute from their inputs alone: none knows of files,
// networks, processes, other sessions or memory outside of its tensors.
#ifndef MAGENTA_SERVING_BUNDLE_GRAPH_OPERATIONS_H_
#define MAGENTA_SERVING_BUNDLE_GRAPH_OPERATIONS_H_

#include "absl/strings/string_view.h"

namespace magenta_serving {

// Whether a step of a network, or its initial state, may be computed with operation `op`.
bool ComputesSteps(absl::string_view op);

// Whether `op` may be part of restoring the checkpoint into the variables.
bool RestoresVariables(absl::string_view op);

// Whether `op` reads the file that its first input names.
bool ReadsCheckpoint(absl::string_view op);

// Whether `op` is a variable.
bool IsVariable(absl::string_view op);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BUNDLE_GRAPH_OPERATIONS_H_
