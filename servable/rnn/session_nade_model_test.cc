#include "servable/rnn/session_nade_model.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

// The parity suite shows that the engine gives what Magenta's session gives, on bundles that
// Magenta makes.

std::string ErrorOf(const Bundle& bundle) {
  const absl::Status status = SessionNadeModel::Create(bundle, 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

void SetCollection(const std::string& name, const std::string& tensor, Bundle& bundle) {
  (*bundle.metagraph.mutable_collection_def())[name].mutable_node_list()->add_value(tensor);
}

TEST(SessionNadeModelTest, RefusesGraphsThatAreNoRnnNade) {
  Bundle bundle = ReadBundle("demo/models/melody/1").value();
  EXPECT_THAT(ErrorOf(bundle), HasSubstr("'sample' has 0 tensors"));
  const std::string softmax = bundle.metagraph.collection_def().at("softmax").node_list().value(0);
  SetCollection("sample", softmax, bundle);
  EXPECT_THAT(ErrorOf(bundle), HasSubstr("'log_prob' has 0 tensors"));
  SetCollection("log_prob", softmax, bundle);
  EXPECT_THAT(ErrorOf(bundle), HasSubstr("0 variables 'w_enc'"));
}

TEST(SessionNadeModelTest, SurvivesInputsThatGoInCircles) {
  Bundle bundle = ReadBundle("demo/models/melody/1").value();
  tensorflow::NodeDef* node = bundle.metagraph.mutable_graph_def()->add_node();
  node->set_name("circle");
  node->set_op("Identity");
  node->add_input("^circle");
  SetCollection("sample", "circle:0", bundle);
  SetCollection("log_prob", "circle:0", bundle);
  ErrorOf(bundle);
}

}  // namespace
}  // namespace magenta_serving
