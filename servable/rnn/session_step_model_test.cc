#include "servable/rnn/session_step_model.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

constexpr char kDemo[] = "demo/models/melody/1";

// The memory of a row, and the row.
struct Row {
  Row(const StepModel& model, int num_steps, int hot)
      : inputs(num_steps * model.shape().input_size),
        state(model.initial_state().begin(), model.initial_state().end()),
        softmax(num_steps * model.shape().num_classes) {
    for (int i = 0; i < num_steps; ++i) inputs[i * model.shape().input_size + hot] = 1;
  }
  StepRow row() { return {inputs, absl::MakeSpan(state), absl::MakeSpan(softmax)}; }

  std::vector<float> inputs, state, softmax;
};

class SessionStepModelTest : public testing::Test {
 protected:
  SessionStepModelTest()
      : bundle_(ReadBundle(kDemo).value()), model_(SessionStepModel::Create(bundle_, 1).value()) {}

  Bundle bundle_;
  std::unique_ptr<SessionStepModel> model_;
};

TEST_F(SessionStepModelTest, GivesADistributionForEachStep) {
  Row row(*model_, 5, 3);
  ASSERT_TRUE(model_->Step({row.row()}, 5, 1.0f).ok());
  const int classes = model_->shape().num_classes;
  for (int i = 0; i < 5; ++i) {
    const auto begin = row.softmax.begin() + i * classes;
    EXPECT_NEAR(std::accumulate(begin, begin + classes, 0.0), 1.0, 1e-5);
  }
  EXPECT_NE(row.state,
            std::vector<float>(model_->initial_state().begin(), model_->initial_state().end()));
}

TEST_F(SessionStepModelTest, TemperatureSharpens) {
  Row cold(*model_, 1, 3), warm(*model_, 1, 3);
  ASSERT_TRUE(model_->Step({cold.row()}, 1, 0.5f).ok());
  ASSERT_TRUE(model_->Step({warm.row()}, 1, 1.0f).ok());
  EXPECT_GT(*std::max_element(cold.softmax.begin(), cold.softmax.end()),
            *std::max_element(warm.softmax.begin(), warm.softmax.end()));
}

TEST_F(SessionStepModelTest, ARowDoesNotDependOnItsNeighbours) {
  Row alone(*model_, 2, 3), first(*model_, 2, 1), second(*model_, 2, 3);
  ASSERT_TRUE(model_->Step({alone.row()}, 2, 1.0f).ok());
  ASSERT_TRUE(model_->Step({first.row(), second.row()}, 2, 1.0f).ok());
  EXPECT_EQ(alone.softmax, second.softmax);
  EXPECT_EQ(alone.state, second.state);
  EXPECT_NE(first.softmax, second.softmax);
}

TEST_F(SessionStepModelTest, ThreadsGetWhatOneGets) {
  Row alone(*model_, 3, 2);
  ASSERT_TRUE(model_->Step({alone.row()}, 3, 1.0f).ok());
  std::vector<Row> rows(8, Row(*model_, 3, 2));
  std::vector<std::thread> threads;
  for (Row& row : rows) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        row = Row(*model_, 3, 2);
        EXPECT_TRUE(model_->Step({row.row()}, 3, 1.0f).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Row& row : rows) EXPECT_EQ(row.softmax, alone.softmax);
}

TEST_F(SessionStepModelTest, RefusesGraphsThatAreNotAnEventRnns) {
  const auto error = [](const Bundle& bundle) {
    const auto status = SessionStepModel::Create(bundle, 1).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  Bundle broken = bundle_;
  broken.checkpoint.resize(broken.checkpoint.size() / 2);
  EXPECT_THAT(error(broken), HasSubstr("restore the checkpoint"));
  broken = bundle_;
  broken.metagraph.mutable_collection_def()->erase("softmax");
  EXPECT_THAT(error(broken), HasSubstr("'softmax' has 0 tensors"));
  broken = bundle_;
  broken.metagraph.clear_saver_def();
  EXPECT_THAT(error(broken), HasSubstr("no saver"));
  broken = bundle_;
  (*broken.metagraph.mutable_collection_def())["inputs"].mutable_node_list()->set_value(
      0, "no/such/node:0");
  EXPECT_THAT(error(broken), HasSubstr("not a placeholder"));
  broken = bundle_;
  broken.metagraph.mutable_graph_def()->mutable_node()->DeleteSubrange(0, 10);
  EXPECT_THAT(error(broken), HasSubstr("graph"));
}

}  // namespace
}  // namespace magenta_serving
