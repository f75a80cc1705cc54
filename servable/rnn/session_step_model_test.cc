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

// A bundle as Magenta writes it for several softmaxes: without a collection of them.
Bundle WithTwoHeads(Bundle bundle) {
  auto& graph = *bundle.metagraph.mutable_graph_def();
  auto& collections = *bundle.metagraph.mutable_collection_def();
  std::string reshape_name = collections["softmax"].node_list().value(0);
  reshape_name.resize(reshape_name.find(':'));
  collections.erase("softmax");
  const auto node = [&](const std::string& name) {
    for (const auto& node : graph.node()) {
      if (node.name() == name) return node;
    }
    ADD_FAILURE() << name;
    return tensorflow::NodeDef();
  };
  tensorflow::NodeDef reshape = node(reshape_name);
  tensorflow::NodeDef softmax = node(reshape.input(0));
  softmax.set_name("second_softmax");
  reshape.set_name("second_reshape");
  reshape.set_input(0, "second_softmax");
  *graph.add_node() = softmax;
  *graph.add_node() = reshape;
  return bundle;
}

TEST_F(SessionStepModelTest, FindsTheHeadsThatTheirCollectionLost) {
  const auto model = SessionStepModel::Create(WithTwoHeads(bundle_), 1).value();
  const int classes = model_->shape().num_classes;
  EXPECT_EQ(model->shape().num_classes, 2 * classes);
  EXPECT_THAT(model->shape().head_sizes, testing::ElementsAre(classes, classes));

  Row one(*model_, 2, 3), two(*model, 2, 3);
  ASSERT_TRUE(model_->Step({one.row()}, 2, 1.0f).ok());
  ASSERT_TRUE(model->Step({two.row()}, 2, 1.0f).ok());
  for (int step = 0; step < 2; ++step) {
    for (int head = 0; head < 2; ++head) {
      EXPECT_TRUE(std::equal(one.softmax.begin() + step * classes,
                             one.softmax.begin() + (step + 1) * classes,
                             two.softmax.begin() + (2 * step + head) * classes));
    }
  }
  EXPECT_EQ(one.state, two.state);
}

TEST_F(SessionStepModelTest, RefusesRunsThatMemoryCannotHold) {
  // Nothing of the row is looked at.
  const auto status = model_->Step({StepRow{}}, 1 << 30, 1.0f);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(SessionStepModelTest, RefusesGraphsThatAreNotAnEventRnns) {
  const auto error = [](const Bundle& bundle) {
    const auto status = SessionStepModel::Create(bundle, 1).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  Bundle broken = bundle_;
  broken.checkpoint_file.remove_suffix(broken.checkpoint_file.size() / 2);
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
