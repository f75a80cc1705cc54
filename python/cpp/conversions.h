// Between Python and the servable: numpy arrays and tensors, statuses and exceptions.
#ifndef MAGENTA_SERVING_PYTHON_CPP_CONVERSIONS_H_
#define MAGENTA_SERVING_PYTHON_CPP_CONVERSIONS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {

// Raises `status` as the magenta_serving.errors class of its code. Needs the GIL.
[[noreturn]] void Raise(const absl::Status& status);

// The value, or its error raised.
template <typename T>
T ValueOrRaise(absl::StatusOr<T> value) {
  if (!value.ok()) Raise(value.status());
  return *std::move(value);
}

// Raises `status` unless it is OK.
inline void RaiseUnlessOk(const absl::Status& status) {
  if (!status.ok()) Raise(status);
}

// "string", "int32", "int64", "float32" or "bool".
std::string DtypeName(tensorflow::DataType dtype);

// A tensor of what numpy makes of `value`. Arrays and numpy scalars keep their dtype; Python's own
// numbers have none, and become `dtype` where they fit it. Raises InvalidArgumentError naming the
// input `name`.
tensorflow::Tensor ToTensor(const std::string& name, pybind11::handle value,
                            tensorflow::DataType dtype);

// A numpy array with the tensor's values; strings become an object array of bytes.
pybind11::array ToNumpy(const tensorflow::Tensor& tensor);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_PYTHON_CPP_CONVERSIONS_H_
