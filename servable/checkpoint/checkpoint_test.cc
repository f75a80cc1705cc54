#include "servable/checkpoint/checkpoint.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tensorflow/core/framework/tensor_shape.h"
#include "tensorflow/core/framework/tensor_slice.h"
#include "tensorflow/core/util/tensor_slice_writer.h"

namespace magenta_serving {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// What TensorFlow writes of three variables.
const std::string& Written() {
  static const auto* const kWritten = [] {
    const std::string path = ::testing::TempDir() + "/checkpoint_test.ckpt";
    tensorflow::checkpoint::TensorSliceWriter writer(
        path, tensorflow::checkpoint::CreateTableTensorSliceBuilder);
    const std::vector<float> zeros(64 * 64);
    const std::vector<float> numbers = {1.5f, -2, 3e-9f, 4, 5, 6e9f};
    const std::vector<int32_t> integers = {7, 8};
    const auto add = [&](const std::string& name, const tensorflow::TensorShape& shape,
                         const auto* values) {
      const absl::Status status =
          writer.Add(name, shape, tensorflow::TensorSlice(shape.dims()), values);
      EXPECT_TRUE(status.ok()) << status;
    };
    add("zeros", {64, 64}, zeros.data());
    add("layer/numbers", {2, 3}, numbers.data());
    add("integers", {2}, integers.data());
    EXPECT_TRUE(writer.Finish().ok());
    return new std::string(Contents(path));
  }();
  return *kWritten;
}

TEST(CheckpointTest, ReadsWhatTensorFlowWrites) {
  const absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(Written());
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  const absl::StatusOr<Weights> numbers = checkpoint->Read("layer/numbers");
  ASSERT_TRUE(numbers.ok()) << numbers.status();
  EXPECT_THAT(numbers->shape, ElementsAre(2, 3));
  EXPECT_THAT(numbers->values, ElementsAre(1.5f, -2, 3e-9f, 4, 5, 6e9f));
  const absl::StatusOr<Weights> zeros = checkpoint->Read("zeros");
  ASSERT_TRUE(zeros.ok()) << zeros.status();
  EXPECT_THAT(zeros->values, SizeIs(64 * 64));
  EXPECT_THAT(zeros->values, Each(0.0f));
}

TEST(CheckpointTest, RefusesWhatIsNotThereOrNoFloat) {
  const absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(Written());
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_TRUE(absl::IsNotFound(checkpoint->Read("numbers").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(checkpoint->Read("integers").status()));
}

TEST(CheckpointTest, RefusesEveryBeginningOfACheckpoint) {
  for (size_t size = 0; size < Written().size(); ++size) {
    const absl::Status status = Checkpoint::Open(Written().substr(0, size)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << size << " bytes: " << status;
  }
}

TEST(CheckpointTest, NoticesEveryChangeOfWhatItReads) {
  int unnoticed = 0;
  for (size_t i = 0; i < Written().size(); ++i) {
    std::string changed = Written();
    changed[i] ^= 0x41;
    const absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(changed);
    if (!checkpoint.ok()) continue;
    ++unnoticed;
    const absl::StatusOr<Weights> numbers = checkpoint->Read("layer/numbers");
    ASSERT_TRUE(numbers.ok()) << i << ": " << numbers.status();
    EXPECT_THAT(numbers->values, ElementsAre(1.5f, -2, 3e-9f, 4, 5, 6e9f));
  }
  // The block of meta data, which is not read, and what fills up the footer.
  EXPECT_LT(unnoticed, 60);
}

}  // namespace
}  // namespace magenta_serving
