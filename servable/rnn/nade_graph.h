// What the graph of a Magenta RNN-NADE says of its NADE.
#ifndef MAGENTA_SERVING_RNN_NADE_GRAPH_H_
#define MAGENTA_SERVING_RNN_NADE_GRAPH_H_

#include "absl/status/statusor.h"
#include "servable/bundle/bundle.h"
#include "servable/rnn/nade.h"

namespace magenta_serving {

struct NadeGraph {
  Nade nade;
  bool thresholds = false;           // see NadeModel
  bool has_log_prob_column = false;  // likewise
};

// Reads the weights from the bundle's checkpoint. INVALID_ARGUMENT when the graph is not that of an
// RNN-NADE or does not fit its checkpoint.
absl::StatusOr<NadeGraph> ReadNadeGraph(const Bundle& bundle);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_NADE_GRAPH_H_
