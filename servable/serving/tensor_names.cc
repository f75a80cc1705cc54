#include "servable/serving/tensor_names.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servable/base/status.h"

namespace magenta_serving {
namespace {

// Returns the NAME of "METHOD/NAME:0", where METHOD must be call.signature; the first name sets it.
absl::StatusOr<std::string> ReadName(const std::string& tensor_name, PredictCall& call) {
  absl::string_view name = tensor_name;
  const size_t slash = name.find('/');
  if (slash == name.npos || !absl::ConsumeSuffix(&name, ":0")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", tensor_name, "' is no tensor of a Magenta bundle; they are called METHOD/NAME:0"));
  }
  const absl::string_view method = name.substr(0, slash);
  if (call.signature.empty()) call.signature = std::string(method);
  if (call.signature != method) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", tensor_name, "' belongs to another signature than the tensors of '",
                     call.signature, "' in the same call"));
  }
  return std::string(name.substr(slash + 1));
}

}  // namespace

std::string TensorName(absl::string_view method, absl::string_view name) {
  return absl::StrCat(method, "/", name, ":0");
}

absl::StatusOr<PredictCall> ReadTensorNames(
    const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
    const std::vector<std::string>& outputs) {
  PredictCall call;
  if (outputs.empty()) return absl::InvalidArgumentError("a call must ask for an output");
  for (const std::string& tensor_name : outputs) {
    MS_ASSIGN_OR_RETURN(std::string name, ReadName(tensor_name, call));
    if (std::find(call.outputs.begin(), call.outputs.end(), name) != call.outputs.end())
      return absl::InvalidArgumentError(absl::StrCat("output '", name, "' is asked for twice"));
    call.outputs.push_back(std::move(name));
  }
  for (const auto& [tensor_name, tensor] : inputs) {
    MS_ASSIGN_OR_RETURN(std::string name, ReadName(tensor_name, call));
    call.inputs.emplace(std::move(name), tensor);
  }
  return call;
}

}  // namespace magenta_serving
