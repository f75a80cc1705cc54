// Defaults of inputs for JSON requests.
//
// TensorFlow Serving fills in a signature's defaults for gRPC requests; its REST API demands every
// input by name. Writing the defaults into the JSON makes both take the same partial requests.
#ifndef MAGENTA_SERVING_SERVING_JSON_DEFAULTS_H_
#define MAGENTA_SERVING_SERVING_JSON_DEFAULTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

// INVALID_ARGUMENT for a body that is nested deeper than requests are: TensorFlow Serving's reading
// of tensors recurses.
absl::Status CheckJsonDepth(absl::string_view body);

// `body` is that of a Predict request of TensorFlow Serving's REST API: an object with "inputs" (an
// object of columns) or "instances" (a list of objects, one for each row) and perhaps
// "signature_name". Returns it with the scalar defaults of the signature's inputs in each place
// where they are missing. Returns "" when there is nothing to add, also for a body that is not such
// a request. INVALID_ARGUMENT for an input that the signature does not have (with every input of
// the signature there, TensorFlow Serving would pass over it), for more rows than any model takes,
// and as CheckJsonDepth.
absl::StatusOr<std::string> AddJsonDefaults(
    absl::string_view body,
    const google::protobuf::Map<std::string, tensorflow::SignatureDef>& signatures);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_SERVING_JSON_DEFAULTS_H_
