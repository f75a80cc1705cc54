// The variables in a bundle's checkpoint: a table of TensorFlow's first format ("V1"), in one file.
// See tensorflow/core/util/tensor_slice_writer.cc.
#ifndef MAGENTA_SERVING_CHECKPOINT_CHECKPOINT_H_
#define MAGENTA_SERVING_CHECKPOINT_CHECKPOINT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensorflow/core/framework/tensor_shape.h"
#include "tensorflow/core/framework/types.pb.h"

namespace magenta_serving {

struct Variable {
  tensorflow::DataType dtype;  // DT_FLOAT; DT_INT32 or DT_INT64 of counters
  tensorflow::TensorShape shape;
  absl::string_view values;  // float32 in row-major order; none of integers
};

struct Weights {
  std::vector<int64_t> shape;
  std::vector<float> values;  // in row-major order
};

class Checkpoint {
 public:
  Checkpoint() = default;

  // Reads a checkpoint whose variables have all their values, and finite ones; `bytes` must outlive
  // this. INVALID_ARGUMENT, with the reason, when it is damaged, not one, or has what TensorFlow's
  // writer never writes, or Magenta's networks do not have. Takes no more memory than some MiB.
  static absl::StatusOr<Checkpoint> Open(absl::string_view bytes);

  const std::map<std::string, Variable>& variables() const { return variables_; }

  // The variable of that name. NOT_FOUND when there is none, INVALID_ARGUMENT when it does not hold
  // float32 numbers.
  absl::StatusOr<Weights> Read(const std::string& variable) const;

 private:
  std::map<std::string, Variable> variables_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_CHECKPOINT_CHECKPOINT_H_
