#include "conversions.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pybind11/stl.h"
#include "tensorflow/core/framework/types.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

using tensorflow::DataType;
using tensorflow::Tensor;
using tensorflow::TensorShape;

[[noreturn]] void RaiseInvalid(const std::string& name, const std::string& why) {
  Raise(absl::InvalidArgumentError(absl::StrCat("input '", name, "' ", why)));
}

// numpy's array of a Python number, or of a list of them, in the type that the input has.
py::array CastPythonNumbers(const std::string& name, const py::array& array, DataType dtype) {
  const char kind = array.dtype().kind();
  const bool fits = dtype == tensorflow::DT_FLOAT ? kind == 'i' || kind == 'u' || kind == 'f'
                    : dtype == tensorflow::DT_BOOL
                        ? kind == 'b'
                        : dtype != tensorflow::DT_STRING && (kind == 'i' || kind == 'u');
  if (!fits) return array;
  const py::array cast = array.attr("astype")(DtypeName(dtype));
  if (kind != 'f' && dtype != tensorflow::DT_FLOAT &&
      !cast.attr("__eq__")(array).attr("all")().cast<bool>()) {
    RaiseInvalid(name, absl::StrCat("is ", py::str(array).cast<std::string>(),
                                    ", which does not fit ", DtypeName(dtype)));
  }
  return cast;
}

// No request has more rows than this; it keeps a view of a few bytes with a vast shape from being
// copied.
constexpr py::ssize_t kMaxElements = 1 << 20;

TensorShape ShapeOf(const py::array& array) {
  TensorShape shape;
  for (py::ssize_t i = 0; i < array.ndim(); ++i) shape.AddDim(array.shape(i));
  return shape;
}

// The bytes of a Python bytes, or of a str in UTF-8.
std::string StringOf(const std::string& name, py::handle value) {
  if (py::isinstance<py::bytes>(value)) return value.cast<std::string>();
  if (!py::isinstance<py::str>(value)) {
    RaiseInvalid(name,
                 absl::StrCat("has a value of type ",
                              py::str(py::type::of(value).attr("__name__")).cast<std::string>(),
                              "; it must be bytes or str"));
  }
  const auto utf8 = py::reinterpret_steal<py::object>(PyUnicode_AsUTF8String(value.ptr()));
  if (!utf8) {
    PyErr_Clear();
    RaiseInvalid(name, "has a str that is not valid Unicode");
  }
  return utf8.cast<std::string>();
}

Tensor StringTensor(const std::string& name, const py::array& array) {
  Tensor tensor(tensorflow::DT_STRING, ShapeOf(array));
  auto flat = tensor.flat<tensorflow::tstring>();
  int64_t i = 0;
  for (const py::handle item : array.attr("ravel")().attr("tolist")()) {
    flat(i++) = StringOf(name, item);
  }
  return tensor;
}

template <typename T>
Tensor NumberTensor(const py::array& array) {
  const auto contiguous = py::array_t<T, py::array::c_style>::ensure(array);
  Tensor tensor(tensorflow::DataTypeToEnum<T>::value, ShapeOf(array));
  std::copy_n(contiguous.data(), contiguous.size(), tensor.flat<T>().data());
  return tensor;
}

template <typename T>
py::array NumberArray(const Tensor& tensor, const std::vector<py::ssize_t>& shape) {
  return py::array_t<T>(shape, tensor.flat<T>().data());
}

}  // namespace

void Raise(const absl::Status& status) {
  const py::object error =
      py::module_::import("magenta_serving.errors")
          .attr("from_code")(static_cast<int>(status.code()),
                             py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(
                                 status.message().data(), status.message().size(), "replace")));
  PyErr_SetObject(py::type::handle_of(error).ptr(), error.ptr());
  throw py::error_already_set();
}

std::string DtypeName(DataType dtype) {
  return dtype == tensorflow::DT_FLOAT ? "float32" : tensorflow::DataTypeString(dtype);
}

Tensor ToTensor(const std::string& name, py::handle value, DataType dtype) {
  // Python strings go by as they are: numpy's string arrays drop trailing zero bytes.
  if (py::isinstance<py::bytes>(value) || py::isinstance<py::str>(value)) {
    Tensor tensor(tensorflow::DT_STRING, TensorShape({}));
    tensor.scalar<tensorflow::tstring>()() = StringOf(name, value);
    return tensor;
  }
  const py::module_ numpy = py::module_::import("numpy");
  const bool typed =
      py::isinstance<py::array>(value) || py::isinstance(value, numpy.attr("generic"));
  py::array array;
  try {
    if (typed) {
      array = py::reinterpret_borrow<py::object>(value);
    } else if (dtype == tensorflow::DT_STRING) {
      // As objects: numpy's own string type would take the length of the longest for each.
      array = numpy.attr("array")(value, py::arg("dtype") = "object");
    } else {
      array = CastPythonNumbers(name, numpy.attr("array")(value), dtype);
    }
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_ValueError) && !error.matches(PyExc_TypeError) &&
        !error.matches(PyExc_OverflowError))
      throw;
    RaiseInvalid(name, absl::StrCat("cannot be made an array: ",
                                    py::str(error.value()).cast<std::string>()));
  }
  if (array.size() > kMaxElements) {
    RaiseInvalid(name, absl::StrCat("has ", array.size(), " elements; at most ", kMaxElements,
                                    " are supported"));
  }
  const char kind = array.dtype().kind();
  const py::ssize_t size = array.itemsize();
  if (kind == 'O' || kind == 'S' || kind == 'U') return StringTensor(name, array);
  if (kind == 'i' && size == 4) return NumberTensor<int32_t>(array);
  if (kind == 'i' && size == 8) return NumberTensor<int64_t>(array);
  if (kind == 'f' && size == 4) return NumberTensor<float>(array);
  if (kind == 'b') return NumberTensor<bool>(array);
  RaiseInvalid(name, absl::StrCat("has dtype ", py::str(array.dtype()).cast<std::string>(),
                                  "; it must be ", DtypeName(dtype)));
}

py::array ToNumpy(const Tensor& tensor) {
  std::vector<py::ssize_t> shape;
  for (int i = 0; i < tensor.dims(); ++i) shape.push_back(tensor.dim_size(i));
  switch (tensor.dtype()) {
    case tensorflow::DT_INT32:
      return NumberArray<int32_t>(tensor, shape);
    case tensorflow::DT_INT64:
      return NumberArray<int64_t>(tensor, shape);
    case tensorflow::DT_FLOAT:
      return NumberArray<float>(tensor, shape);
    case tensorflow::DT_BOOL:
      return NumberArray<bool>(tensor, shape);
    default:
      break;
  }
  const py::array array = py::module_::import("numpy").attr("empty")(shape, "object");
  const auto flat = tensor.flat<tensorflow::tstring>();
  const py::object items = array.attr("reshape")(-1);
  for (int64_t i = 0; i < flat.size(); ++i)
    items[py::int_(i)] = py::bytes(flat(i).data(), flat(i).size());
  return array;
}

}  // namespace magenta_serving
