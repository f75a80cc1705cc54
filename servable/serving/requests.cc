#include "servable/serving/requests.h"

#include <algorithm>
#include <type_traits>

#include "absl/strings/str_join.h"
#include "servable/base/status.h"

namespace magenta_serving {
namespace {

using tensorflow::DataTypeString;
using tensorflow::Tensor;

// The value of `tensor` at `row`, of the type of `like`, which the dtype was checked to be.
ArgumentValue ValueAt(const Tensor& tensor, int64_t row, const ArgumentValue& like) {
  return std::visit(
      [&](const auto& v) -> ArgumentValue {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return std::string(tensor.flat<tensorflow::tstring>()(row));
        } else {
          return tensor.flat<T>()(row);
        }
      },
      like);
}

// Before a scalar is copied to each row.
absl::Status CheckStringSizes(const std::string& name, const Tensor& tensor, const Limits& limits) {
  if (tensor.dtype() != tensorflow::DT_STRING) return absl::OkStatus();
  const auto strings = tensor.flat<tensorflow::tstring>();
  for (int64_t i = 0; i < strings.size(); ++i) {
    const int64_t size = static_cast<int64_t>(strings(i).size());
    if (size > limits.max_primer_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " has ", size, " bytes; max_primer_bytes is ", limits.max_primer_bytes));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Request> ReadRequest(const Signature& signature,
                                    const std::map<std::string, Tensor>& inputs,
                                    const Limits& limits) {
  int64_t num_rows = 1;
  bool batched = false;
  for (const auto& [name, tensor] : inputs) {
    const auto spec =
        std::find_if(signature.inputs.begin(), signature.inputs.end(),
                     [&name = name](const ArgumentSpec& input) { return input.name == name; });
    if (spec == signature.inputs.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown input '", name, "'; signature ", signature.method, " has ",
          absl::StrJoin(signature.inputs, ", ", [](std::string* out, const ArgumentSpec& input) {
            out->append(input.name);
          })));
    }
    const tensorflow::DataType dtype = DataTypeOf(spec->default_value);
    if (tensor.dtype() != dtype) {
      return absl::InvalidArgumentError(absl::StrCat("input '", name, "' has dtype ",
                                                     DataTypeString(tensor.dtype()),
                                                     "; it must be ", DataTypeString(dtype)));
    }
    MS_RETURN_IF_ERROR(CheckStringSizes(name, tensor, limits));
    if (tensor.dims() == 0) continue;
    if (tensor.dims() > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("input '", name, "' has shape ", tensor.shape().DebugString(),
                       "; it must be a scalar or one value for each row, [batch]"));
    }
    if (batched && tensor.dim_size(0) != num_rows) {
      return absl::InvalidArgumentError(absl::StrCat("input '", name, "' has ", tensor.dim_size(0),
                                                     " rows; another input has ", num_rows));
    }
    batched = true;
    num_rows = tensor.dim_size(0);
  }
  if (num_rows < 1 || num_rows > limits.max_outputs) {
    return absl::InvalidArgumentError(absl::StrCat("the request has ", num_rows,
                                                   " rows; it may have 1 to ", limits.max_outputs,
                                                   " (max_outputs)"));
  }

  Request request{batched, std::vector<Arguments>(num_rows, Arguments(signature.inputs))};
  for (const ArgumentSpec& spec : signature.inputs) {
    const auto input = inputs.find(spec.name);
    if (input == inputs.end()) continue;
    for (int64_t row = 0; row < num_rows; ++row) {
      request.rows[row].Set(spec.name, ValueAt(input->second, input->second.dims() == 0 ? 0 : row,
                                               spec.default_value));
    }
  }
  return request;
}

}  // namespace magenta_serving
