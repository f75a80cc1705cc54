// From input tensors to the rows of a request, with the checks on names, dtypes and shapes.
#ifndef MAGENTA_SERVING_SERVING_REQUESTS_H_
#define MAGENTA_SERVING_SERVING_REQUESTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/generation/call_context.h"
#include "servable/serving/signatures.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {

struct Request {
  bool batched = false;         // some input had a batch dimension, so outputs have one
  std::vector<Arguments> rows;  // one, or as many as the batch dimension says
};

// INVALID_ARGUMENT for an input that the signature does not have, of another dtype, of rank above
// 1, of a batch dimension that differs from another input's, or of 0 or more than
// limits.max_outputs rows, or with a string of more than limits.max_primer_bytes.
absl::StatusOr<Request> ReadRequest(const Signature& signature,
                                    const std::map<std::string, tensorflow::Tensor>& inputs,
                                    const Limits& limits);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_SERVING_REQUESTS_H_
