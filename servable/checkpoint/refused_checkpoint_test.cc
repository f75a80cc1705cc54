#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/checkpoint/checkpoint.h"
#include "tensorflow/core/lib/core/coding.h"
#include "tensorflow/core/lib/hash/crc32c.h"
#include "tensorflow/core/util/saved_tensor_slice.pb.h"
#include "tensorflow/core/util/saved_tensor_slice_util.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;
namespace core = tensorflow::core;

// A table of one tensor in one block, with what tests make wrong.
struct Table {
  std::string name = "weights";
  tensorflow::DataType dtype = tensorflow::DT_FLOAT;
  std::vector<int64_t> shape = {2, 3};
  std::vector<float> values = std::vector<float>(6, 0.5f);
  int slices = 1;
  std::string description_key;
  bool repeats_entry = false;
  char compression = 0;
  uint64_t offset_by = 0;  // of the block in the index
  uint64_t size_by = 0;

  std::string Bytes() const {
    tensorflow::TensorSlice slice(static_cast<int>(shape.size()));
    tensorflow::SavedTensorSlices description, data;
    auto* meta = description.mutable_meta()->add_tensor();
    meta->set_name(name);
    meta->set_type(dtype);
    for (const int64_t size : shape) meta->mutable_shape()->add_dim()->set_size(size);
    for (int i = 0; i < slices; ++i) slice.AsProto(meta->add_slice());
    data.mutable_data()->set_name(name);
    for (const float value : values) data.mutable_data()->mutable_data()->add_float_val(value);
    std::string block = Entry(description_key, description.SerializeAsString());
    const std::string key = tensorflow::checkpoint::EncodeTensorNameSlice(name, slice);
    for (int i = 0; i < (repeats_entry ? 2 : 1); ++i)
      block += Entry(key, data.SerializeAsString());

    std::string table = Finished(block, compression);
    std::string handle = Handle(offset_by, table.size() - 5 + size_by);
    const std::string second_index = Finished("", 0);
    const std::string index = Finished(Entry(key, handle), 0);
    std::string footer = Handle(table.size(), second_index.size() - 5) +
                         Handle(table.size() + second_index.size(), index.size() - 5);
    footer.resize(40);
    core::PutFixed64(&footer, 0xdb4775248b80fb57);
    return table + second_index + index + footer;
  }

  static std::string Entry(const std::string& key, const std::string& value) {
    std::string entry;
    for (const size_t size : {size_t{0}, key.size(), value.size()}) core::PutVarint32(&entry, size);
    return entry + key + value;
  }

  static std::string Handle(uint64_t offset, uint64_t size) {
    std::string handle;
    core::PutVarint64(&handle, offset);
    core::PutVarint64(&handle, size);
    return handle;
  }

  static std::string Finished(std::string block, char compression) {
    core::PutFixed32(&block, 0);  // the first entry is a restart
    core::PutFixed32(&block, 1);
    block += compression;
    const uint32_t checksum = tensorflow::crc32c::Value(block.data(), block.size());
    core::PutFixed32(&block, tensorflow::crc32c::Mask(checksum));
    return block;
  }
};

std::string ErrorOf(const std::string& bytes) {
  const absl::Status status = Checkpoint::Open(bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(RefusedCheckpointTest, IsNotWithoutReason) {
  const std::string bytes = Table().Bytes();
  const absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(bytes);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->variables().at("weights").shape, tensorflow::TensorShape({2, 3}));
  EXPECT_EQ(checkpoint->Read("weights")->values, std::vector<float>(6, 0.5f));
}

TEST(RefusedCheckpointTest, RefusesTensorsThatAreNotAsDescribed) {
  Table table;
  table.values.pop_back();
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("has 5 values; its shape [2,3] needs 6"));
  table = {};
  table.values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("not finite"));
  table = {};
  table.dtype = tensorflow::DT_STRING;
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("DT_STRING, not DT_FLOAT"));
  table = {};
  table.slices = 2;
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("not in one piece"));
  for (const auto& shape : {std::vector<int64_t>{-2, 3}, {1 << 20, 1 << 20},
                            {int64_t{1} << 62, int64_t{1} << 62}}) {
    table = {};
    table.shape = shape;
    EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("a shape that no network has"));
  }
}

TEST(RefusedCheckpointTest, RefusesWhatItsWriterDoesNotWrite) {
  Table table;
  table.repeats_entry = true;
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("keys are not in order"));
  table = {};
  table.description_key = std::string(1, '\0');
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("does not begin with a description"));
  table = {};
  table.compression = 1;
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("compressed"));
  table = {};
  table.offset_by = 1;
  EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("begins at byte 1, not at 0"));
  for (const uint64_t size : {uint64_t{1} << 20, ~uint64_t{0} - 200}) {
    table = {};
    table.size_by = size;
    EXPECT_THAT(ErrorOf(table.Bytes()), HasSubstr("reaches beyond its end"));
  }
}

TEST(RefusedCheckpointTest, RefusesEveryDamage) {
  const std::string whole = Table().Bytes();
  for (size_t size = 0; size < whole.size(); ++size) ErrorOf(whole.substr(0, size));
  ErrorOf(whole + "x");
  const size_t padding = whole.size() - 8;  // unused bytes of the footer, before its last eight
  for (size_t i = 0; i < whole.size(); ++i) {
    if (i >= padding - 36 && i < padding) continue;
    std::string damaged = whole;
    damaged[i] ^= 0x40;
    ErrorOf(damaged);
  }
}

}  // namespace
}  // namespace magenta_serving
