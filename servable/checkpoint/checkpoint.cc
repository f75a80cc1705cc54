#include "servable/checkpoint/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "servable/base/status.h"
#include "servable/checkpoint/fields.h"
#include "servable/checkpoint/table.h"
#include "tensorflow/core/util/saved_tensor_slice.pb.h"
#include "tensorflow/core/util/saved_tensor_slice_util.h"

namespace magenta_serving {
namespace {

using tensorflow::SavedSlice;
using tensorflow::SavedTensorSlices;
using tensorflow::TensorProto;

// Some ten times what Magenta's checkpoints have.
constexpr size_t kMaxDescriptionSize = 1 << 20;
constexpr int64_t kMaxTensorSize = int64_t{1} << 28;
constexpr int64_t kMaxIntegers = 1024;  // counters

// Whether no exponent is that of infinities and NaNs. The values are anywhere in the file, so not
// at the address of a float.
bool AreFinite(absl::string_view values) {
  constexpr uint32_t kExponent = 0x7f800000;
  uint32_t largest = 0;
  for (size_t i = 0; i < values.size(); i += sizeof(float)) {
    uint32_t bits;
    std::memcpy(&bits, values.data() + i, sizeof bits);
    largest = std::max(largest, bits & kExponent);
  }
  return largest < kExponent;
}

// Whether `message` has the field exactly once: protobuf would merge several. Sets `bytes` to it.
bool TakeOnlyField(absl::string_view message, int wanted, absl::string_view* bytes) {
  int count = 0;
  const bool parsed = ForEachField(message, [&](int field, absl::string_view value) {
    if (field != wanted) return;
    *bytes = value;
    ++count;
  });
  return parsed && count == 1;
}

// The number of a serialized TensorProto's values; -1 when it is malformed. Sets `values` to them.
// Not with protobuf's own parser, which would copy them.
int64_t TakeFloats(absl::string_view tensor, absl::string_view* values) {
  if (!TakeOnlyField(tensor, TensorProto::kFloatValFieldNumber, values) ||
      values->size() % sizeof(float) != 0) {
    return -1;
  }
  return static_cast<int64_t>(values->size() / sizeof(float));
}

int64_t CountIntegers(absl::string_view tensor, tensorflow::DataType dtype) {
  constexpr size_t kMaxSize = 10 * kMaxIntegers + 4096;  // with the shape
  TensorProto values;
  if (tensor.size() > kMaxSize ||
      !values.ParseFromArray(tensor.data(), static_cast<int>(tensor.size()))) {
    return -1;
  }
  return dtype == tensorflow::DT_INT64 ? values.int64_val_size() : values.int_val_size();
}

class Reader {
 public:
  explicit Reader(std::map<std::string, Variable>* variables) : variables_(variables) {}

  // What there is comes first, under the empty key.
  absl::Status Visit(absl::string_view key, absl::string_view bytes) {
    if (std::exchange(is_described_, true)) return ReadValues(key, bytes);
    SavedTensorSlices slices;
    if (!key.empty() || bytes.size() > kMaxDescriptionSize ||
        !slices.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return NotDescribed();
    }
    for (const auto& tensor : slices.meta().tensor()) MS_RETURN_IF_ERROR(Describe(tensor));
    return absl::OkStatus();
  }

  // When there is nothing left to visit.
  absl::Status Finish() const {
    if (!is_described_) return NotDescribed();
    if (missing_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the values of '", missing_.begin()->second, "' are missing"));
  }

 private:
  static absl::Status NotDescribed() {
    return absl::InvalidArgumentError("it does not begin with a description of its tensors");
  }

  absl::Status Describe(const tensorflow::SavedSliceMeta& meta) {
    Variable variable{meta.type(), {}, {}};
    const bool is_integer =
        variable.dtype == tensorflow::DT_INT32 || variable.dtype == tensorflow::DT_INT64;
    if (variable.dtype != tensorflow::DT_FLOAT && !is_integer) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", meta.name(), "' is of type ",
                       tensorflow::DataType_Name(variable.dtype), ", not DT_FLOAT"));
    }
    if (!tensorflow::TensorShape::BuildTensorShape(meta.shape(), &variable.shape).ok() ||
        variable.shape.num_elements() > (is_integer ? kMaxIntegers : kMaxTensorSize)) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", meta.name(), "' has a shape that no network has: ",
                       meta.shape().ShortDebugString()));
    }
    tensorflow::TensorSlice slice;
    if (meta.slice_size() != 1 ||
        !tensorflow::TensorSlice::BuildTensorSlice(meta.slice(0), &slice).ok() ||
        !slice.IsFull() || slice.dims() != variable.shape.dims()) {
      return absl::InvalidArgumentError(absl::StrCat("'", meta.name(), "' is not in one piece"));
    }
    missing_[tensorflow::checkpoint::EncodeTensorNameSlice(meta.name(), slice)] = meta.name();
    if (!variables_->emplace(meta.name(), std::move(variable)).second)
      return absl::InvalidArgumentError(absl::StrCat("it describes '", meta.name(), "' twice"));
    return absl::OkStatus();
  }

  absl::Status ReadValues(absl::string_view key, absl::string_view bytes) {
    const auto found = missing_.find(std::string(key));
    if (found == missing_.end())
      return absl::InvalidArgumentError("it has values of a tensor that it does not describe");
    const std::string name = std::move(found->second);
    missing_.erase(found);
    Variable& variable = variables_->at(name);
    absl::string_view slice, saved_name, tensor;
    int64_t count = -1;
    if (TakeOnlyField(bytes, SavedTensorSlices::kDataFieldNumber, &slice) &&
        TakeOnlyField(slice, SavedSlice::kNameFieldNumber, &saved_name) && saved_name == name &&
        TakeOnlyField(slice, SavedSlice::kDataFieldNumber, &tensor)) {
      count = variable.dtype == tensorflow::DT_FLOAT ? TakeFloats(tensor, &variable.values)
                                                     : CountIntegers(tensor, variable.dtype);
    }
    if (count < 0)
      return absl::InvalidArgumentError(absl::StrCat("the values of '", name, "' are malformed"));
    if (count != variable.shape.num_elements()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", name, "' has ", count, " values; its shape ",
                       variable.shape.DebugString(), " needs ", variable.shape.num_elements()));
    }
    if (!AreFinite(variable.values)) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", name, "' has values that are not finite numbers"));
    }
    return absl::OkStatus();
  }

  std::map<std::string, Variable>* const variables_;
  bool is_described_ = false;
  std::map<std::string, std::string> missing_;  // by key, names of variables without values so far
};

}  // namespace

absl::StatusOr<Checkpoint> Checkpoint::Open(absl::string_view bytes) {
  Checkpoint checkpoint;
  Reader reader(&checkpoint.variables_);
  absl::Status status = ForEachEntry(bytes, [&](absl::string_view key, absl::string_view value) {
    return reader.Visit(key, value);
  });
  if (status.ok()) status = reader.Finish();
  if (!status.ok()) return Annotate(status, "the bundle's checkpoint is refused");
  return checkpoint;
}

absl::StatusOr<Weights> Checkpoint::Read(const std::string& variable) const {
  const auto found = variables_.find(variable);
  if (found == variables_.end())
    return absl::NotFoundError(absl::StrCat("the checkpoint has no variable '", variable, "'"));
  const Variable& stored = found->second;
  if (stored.dtype != tensorflow::DT_FLOAT) {
    return absl::InvalidArgumentError(absl::StrCat("the variable '", variable, "' is of type ",
                                                   tensorflow::DataType_Name(stored.dtype),
                                                   ", not DT_FLOAT"));
  }
  Weights weights;
  for (const int64_t size : stored.shape.dim_sizes()) weights.shape.push_back(size);
  weights.values.resize(stored.shape.num_elements());
  std::memcpy(weights.values.data(), stored.values.data(), stored.values.size());
  return weights;
}

}  // namespace magenta_serving
