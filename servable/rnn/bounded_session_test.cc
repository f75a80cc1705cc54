#include "servable/rnn/bounded_session.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tensorflow/core/framework/graph.pb.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kLong(60);

// A graph of one node "zeros": `count` floats.
tensorflow::GraphDef Zeros(int count) {
  tensorflow::GraphDef graph;
  const auto constant = [&](const std::string& name, const tensorflow::Tensor& value) {
    auto* node = graph.add_node();
    node->set_name(name);
    node->set_op("Const");
    (*node->mutable_attr())["dtype"].set_type(value.dtype());
    value.AsProtoField((*node->mutable_attr())["value"].mutable_tensor());
  };
  tensorflow::Tensor sizes(tensorflow::DT_INT32, {1});
  sizes.flat<int32_t>()(0) = count;
  constant("sizes", sizes);
  constant("zero", tensorflow::Tensor(0.0f));
  auto* node = graph.add_node();
  node->set_name("zeros");
  node->set_op("Fill");
  node->add_input("sizes");
  node->add_input("zero");
  (*node->mutable_attr())["T"].set_type(tensorflow::DT_FLOAT);
  (*node->mutable_attr())["index_type"].set_type(tensorflow::DT_INT32);
  return graph;
}

TEST(BoundedSessionTest, GivesNoMoreMemoryThanThereIs) {
  BoundedSession session(tensorflow::SessionOptions(), size_t{64} << 20);
  ASSERT_TRUE(session.Create(Zeros(1 << 25)).ok());
  std::vector<tensorflow::Tensor> outputs;
  const absl::Status status = session.Run({}, {"zeros"}, {}, &outputs, kLong);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("it takes more than 64 MiB of memory: OOM when allocating tensor"));
  session.set_max_bytes(size_t{256} << 20);
  EXPECT_TRUE(session.Run({}, {"zeros"}, {}, &outputs, kLong).ok());
}

TEST(BoundedSessionTest, MemoryIsGivenBack) {
  BoundedSession session(tensorflow::SessionOptions(), size_t{64} << 20);
  ASSERT_TRUE(session.Create(Zeros(1 << 23)).ok());
  for (int i = 0; i < 10; ++i) {
    std::vector<tensorflow::Tensor> outputs;
    EXPECT_TRUE(session.Run({}, {"zeros"}, {}, &outputs, kLong).ok()) << i;
  }
}

TEST(BoundedSessionTest, TensorsOutliveTheirSession) {
  std::vector<tensorflow::Tensor> outputs;
  auto session =
      std::make_unique<BoundedSession>(tensorflow::SessionOptions(), size_t{64} << 20);
  ASSERT_TRUE(session->Create(Zeros(1000)).ok());
  ASSERT_TRUE(session->Run({}, {"zeros"}, {}, &outputs, kLong).ok());
  session.reset();
  EXPECT_EQ(outputs[0].flat<float>()(999), 0.0f);
}

TEST(WatchdogTest, BitesOnceAndOnlyWhoTakesTooLong) {
  std::atomic<int> bites{0};
  Watchdog watchdog([&] { ++bites; });
  { const Watchdog::Watch quick(&watchdog, std::chrono::seconds(0)); }
  EXPECT_FALSE(watchdog.has_bitten());
  const Watchdog::Watch slow(&watchdog, std::chrono::seconds(0));
  const Watchdog::Watch slow_too(&watchdog, std::chrono::seconds(0));
  for (int tenths = 0; bites == 0 && tenths < 300; ++tenths)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(watchdog.has_bitten());
  EXPECT_EQ(bites, 1);
}

}  // namespace
}  // namespace magenta_serving
