// The tensors of a bundle's signatures: "METHOD/NAME:0", as tensorflow::SignatureDef names them for
// servers that only know tensors.
#ifndef MAGENTA_SERVING_SERVING_TENSOR_NAMES_H_
#define MAGENTA_SERVING_SERVING_TENSOR_NAMES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/serving/servable.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {

// The name of the tensor for input or output `name` of signature method `method`.
std::string TensorName(absl::string_view method, absl::string_view name);

// What MagentaServable::Predict takes.
struct PredictCall {
  std::string signature;
  TensorMap inputs;
  std::vector<std::string> outputs;  // in the order asked for
};

// The call that feeds and fetches these tensors. INVALID_ARGUMENT for no outputs, an output twice,
// tensors of different methods and names of another form.
absl::StatusOr<PredictCall> ReadTensorNames(
    const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
    const std::vector<std::string>& outputs);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_SERVING_TENSOR_NAMES_H_
