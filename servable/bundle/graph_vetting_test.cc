#include "servable/bundle/graph_vetting.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "note_seq/protobuf/generator.pb.h"
#include "servable/bundle/bundle.h"
#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/graph.pb.h"

namespace magenta_serving {
namespace {

using tensorflow::NodeDef;
using ::testing::HasSubstr;

// The demo bundle's vetted graph, to be changed.
class GraphVettingTest : public testing::Test {
 protected:
  GraphVettingTest()
      : bundle_(ReadBundle("demo/models/melody/1").value()), metagraph_(bundle_.metagraph) {}

  tensorflow::GraphDef& graph() { return *metagraph_.mutable_graph_def(); }

  // The first node of operation `op`.
  NodeDef* First(const std::string& op) {
    for (NodeDef& node : *graph().mutable_node()) {
      if (node.op() == op) return &node;
    }
    ADD_FAILURE() << op;
    return graph().add_node();
  }

  // A new node, which no other has as an input yet.
  NodeDef* Add(const std::string& op, const std::string& name) {
    NodeDef* node = graph().add_node();
    node->set_op(op);
    node->set_name(name);
    return node;
  }

  void AddInteger(const std::string& name, int number) {
    auto* value = (*Add("Const", name)->mutable_attr())["value"].mutable_tensor();
    value->set_dtype(tensorflow::DT_INT32);
    value->mutable_tensor_shape();
    value->add_int_val(number);
  }

  absl::Status Vet() { return VetGraph(bundle_.checkpoint, &metagraph_); }

  std::string Error() {
    const absl::Status status = Vet();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  }

  Bundle bundle_;
  tensorflow::MetaGraphDef metagraph_;
};

TEST_F(GraphVettingTest, TakesOutWhatGenerationDoesNotNeed) {
  Add("WriteFile", "unused")->add_input("fully_connected/weights");
  graph().mutable_library()->add_function()->mutable_signature()->set_name("unused");
  EXPECT_TRUE(Vet().ok());
  EXPECT_EQ(graph().node_size(), bundle_.metagraph.graph_def().node_size());
  EXPECT_EQ(graph().mutable_library()->function_size(), 0);
  for (const NodeDef& node : graph().node()) EXPECT_NE(node.op(), "SaveV2");
}

TEST_F(GraphVettingTest, RefusesOperationsThatReachOutside) {
  Add("ReadFile", "secret");
  First("MatMul")->add_input("^secret");
  EXPECT_THAT(Error(), HasSubstr("'secret' (ReadFile) is no operation that generation takes"));
}

TEST_F(GraphVettingTest, RefusesOperationsThatRestoringDoesNotTake) {
  Add("PyFunc", "code");
  First("Assign")->add_input("^code");
  EXPECT_THAT(Error(), HasSubstr("'code' (PyFunc) is no operation that restoring the checkpoint"));
}

TEST_F(GraphVettingTest, RefusesToRestoreOrChangeVariablesDuringGeneration) {
  First("MatMul")->add_input("^" + First("Assign")->name());
  EXPECT_THAT(Error(), HasSubstr("(Assign) is no operation that generation takes"));
}

TEST_F(GraphVettingTest, RefusesToRestoreFromAnotherFile) {
  NodeDef* other = Add("Const", "etc/passwd");
  First("RestoreV2")->set_input(0, other->name());
  EXPECT_THAT(Error(), HasSubstr("reads another file than the checkpoint"));
}

TEST_F(GraphVettingTest, RefusesNodesThatAreNotThereOrThereTwice) {
  First("MatMul")->add_input("^nobody");
  EXPECT_THAT(Error(), HasSubstr("reads 'nobody', which it does not have"));
  metagraph_ = bundle_.metagraph;
  Add("Const", First("MatMul")->name());
  EXPECT_THAT(Error(), HasSubstr("two nodes"));
}

TEST_F(GraphVettingTest, RefusesConstantsOutOfBounds) {
  const std::vector<std::vector<int64_t>> shapes = {
      {-1}, {1 << 21}, {1 << 20, 1 << 20}, {int64_t{1} << 62, 4}, {int64_t{1} << 62}};
  for (const auto& sizes : shapes) {
    metagraph_ = bundle_.metagraph;
    auto* shape =
        (*First("Const")->mutable_attr())["value"].mutable_tensor()->mutable_tensor_shape();
    shape->clear_dim();
    for (const int64_t size : sizes) shape->add_dim()->set_size(size);
    EXPECT_THAT(Error(), HasSubstr("is a constant larger than"));
  }
}

TEST_F(GraphVettingTest, RefusesShapesOutOfBounds) {
  for (const int64_t size : {int64_t{-2}, int64_t{1} << 40}) {
    metagraph_ = bundle_.metagraph;
    (*First("Placeholder")->mutable_attr())["shape"].mutable_shape()->mutable_dim(0)->set_size(size);
    EXPECT_THAT(Error(), HasSubstr("a shape that no network has"));
  }
}

TEST_F(GraphVettingTest, RefusesNumbersThatMakeMany) {
  (*First("Split")->mutable_attr())["num_split"].set_i(1'000'000'000);
  EXPECT_THAT(Error(), HasSubstr("its num_split is 1000000000; at most 4096 is supported"));
  metagraph_ = bundle_.metagraph;
  (*First("Enter")->mutable_attr())["parallel_iterations"].set_i(int64_t{1} << 31);
  EXPECT_THAT(Error(), HasSubstr("its parallel_iterations is 2147483648"));
}

TEST_F(GraphVettingTest, RefusesArraysOfSizesThatArePutIn) {
  const auto give_size = [&](int size) {
    metagraph_ = bundle_.metagraph;
    AddInteger("size", size);
    First("TensorArrayV3")->set_input(0, "size");
  };
  give_size(1 << 16);
  EXPECT_TRUE(Vet().ok());
  give_size(1 << 17);
  EXPECT_THAT(Error(), HasSubstr("(TensorArrayV3) has a size that is neither a constant up to"));
  metagraph_ = bundle_.metagraph;
  First("TensorArrayV3")->set_input(0, First("Less")->name());
  EXPECT_THAT(Error(), HasSubstr("nor the length of the inputs"));
}

TEST_F(GraphVettingTest, ArraysThatGrowAreWrittenOneByOne) {
  const auto let_grow = [&] {
    metagraph_ = bundle_.metagraph;
    for (NodeDef& node : *graph().mutable_node()) {
      const bool is_output = node.op() == "TensorArrayV3" &&
                             node.name() == First("TensorArrayGatherV3")->input(0);
      if (is_output) (*node.mutable_attr())["dynamic_size"].set_b(true);
    }
    return First("TensorArrayWriteV3");
  };
  let_grow();
  EXPECT_TRUE(Vet().ok());
  let_grow()->set_input(1, "far");
  AddInteger("far", 1 << 30);
  EXPECT_THAT(Error(), HasSubstr("writes elsewhere than into an array of fixed size"));
}

TEST_F(GraphVettingTest, RefusesArraysThatALoopMakes) {
  AddInteger("size", 1);
  First("TensorArrayV3")->set_input(0, "size");
  graph().mutable_node()->rbegin()->add_input("^" + First("NextIteration")->input(0));
  EXPECT_THAT(Error(), HasSubstr("(TensorArrayV3) has a size that is neither a constant up to"));
}

TEST_F(GraphVettingTest, RestoresVariablesFromTheCheckpointAlone) {
  First("Assign")->set_input(1, "large");
  auto* value = (*Add("Const", "large")->mutable_attr())["value"].mutable_tensor();
  value->set_dtype(tensorflow::DT_FLOAT);
  value->mutable_tensor_shape()->add_dim()->set_size(1 << 20);
  value->add_float_val(1);
  EXPECT_THAT(Error(), HasSubstr("(Assign) assigns something else than the checkpoint holds"));
}

TEST_F(GraphVettingTest, ConvolutionsHaveFiltersOfOneValue) {
  NodeDef* convolution = Add("Conv2D", "convolution");
  convolution->add_input(First("Placeholder")->name());
  First("MatMul")->add_input("^convolution");
  EXPECT_THAT(Error(), HasSubstr("'convolution' (Conv2D) has a filter that is no variable"));
  const std::string weights = First("VariableV2")->name();  // of two dimensions
  for (const std::string& filter : {First("Placeholder")->name(), weights}) {
    metagraph_ = bundle_.metagraph;
    convolution = Add("Conv2D", "convolution");
    convolution->add_input(First("Placeholder")->name());
    convolution->add_input(filter);
    First("MatMul")->add_input("^convolution");
    EXPECT_THAT(Error(), HasSubstr("has a filter that is no variable of shape [1, 1, m, n]"));
  }
}

TEST_F(GraphVettingTest, RefusesVariablesThatDoNotFitTheCheckpoint) {
  (*First("VariableV2")->mutable_attr())["shape"].mutable_shape()->mutable_dim(0)->set_size(7);
  EXPECT_THAT(Error(), HasSubstr("does not fit the checkpoint"));
  metagraph_ = bundle_.metagraph;
  First("MatMul")->add_input("^more");
  Add("VariableV2", "more");
  EXPECT_THAT(Error(), HasSubstr("'more' (VariableV2) is not in the checkpoint"));
}

TEST_F(GraphVettingTest, LooksIntoFunctions) {
  const auto add_function = [&](const std::string& name) {
    auto* function = graph().mutable_library()->add_function();
    function->mutable_signature()->set_name(name);
    return function;
  };
  const auto call = [&](const std::string& name) {
    NodeDef* loop = Add("StatelessWhile", "loop");
    (*loop->mutable_attr())["body"].mutable_func()->set_name(name);
    First("MatMul")->add_input("^loop");
  };
  NodeDef* inside = add_function("body")->add_node_def();
  inside->set_op("WriteFile");
  inside->set_name("steal");
  call("body");
  EXPECT_THAT(Error(), HasSubstr("calls 'steal' (WriteFile)"));

  metagraph_ = bundle_.metagraph;
  NodeDef* again = add_function("body")->add_node_def();
  again->set_op("StatelessWhile");
  again->set_name("again");
  (*again->mutable_attr())["body"].mutable_func()->set_name("body");
  call("body");
  EXPECT_THAT(Error(), HasSubstr("calls itself: 'body'"));

  metagraph_ = bundle_.metagraph;
  call("nothing");
  EXPECT_THAT(Error(), HasSubstr("does not have, or that calls itself: 'nothing'"));

  metagraph_ = bundle_.metagraph;
  add_function("MatMul");
  EXPECT_THAT(Error(), HasSubstr("'MatMul' has the name of something else"));
}

TEST_F(GraphVettingTest, BoundsNamesAndIntegers) {
  Add("NoOp", std::string(1000, 'x'));
  First("MatMul")->add_input("^" + std::string(1000, 'x'));
  EXPECT_THAT(Error(), HasSubstr("has a name of 100"));

  metagraph_ = bundle_.metagraph;
  (*Add("NoOp", "bad")->mutable_attr())["n"].set_i(std::numeric_limits<int64_t>::min());
  First("MatMul")->add_input("^bad");
  EXPECT_THAT(Error(), HasSubstr("at most 4096 is supported"));
}

TEST_F(GraphVettingTest, BoundsWhatFunctionsGrowTo) {
  auto* function = graph().mutable_library()->add_function();
  function->mutable_signature()->set_name("large");
  NodeDef* node = function->add_node_def();
  node->set_name("inside");
  node->set_op("NoOp");
  (*node->mutable_attr())["text"].set_s(std::string(1 << 20, 'x'));
  for (int i = 0; i < 100; ++i) {
    const std::string name = absl::StrCat("loop_", i);
    (*Add("While", name)->mutable_attr())["body"].mutable_func()->set_name("large");
    First("MatMul")->add_input("^" + name);
  }
  EXPECT_THAT(Error(), HasSubstr("its body makes the graph grow by more than 64 MiB"));
}

TEST_F(GraphVettingTest, BoundsHowManyArraysThereAre) {
  AddInteger("size", 1);
  for (int i = 0; i < 100; ++i) {
    const std::string name = absl::StrCat("array_", i);
    Add("TensorArrayV3", name)->add_input("size");
    First("MatMul")->add_input("^" + name);
  }
  EXPECT_THAT(Error(), HasSubstr("(TensorArrayV3) is one of more than 64 arrays"));

  metagraph_ = bundle_.metagraph;
  auto* function = graph().mutable_library()->add_function();
  function->mutable_signature()->set_name("body");
  NodeDef* list = function->add_node_def();
  list->set_name("list");
  list->set_op("TensorListReserve");
  (*Add("While", "loop")->mutable_attr())["body"].mutable_func()->set_name("body");
  First("MatMul")->add_input("^loop");
  EXPECT_THAT(Error(), HasSubstr("'list' (TensorListReserve) makes an array in a function"));
}

TEST_F(GraphVettingTest, DoesNotMultiplyStrings) {
  (*Add("Fill", "bad")->mutable_attr())["T"].set_type(tensorflow::DT_STRING);
  First("MatMul")->add_input("^bad");
  EXPECT_THAT(Error(), HasSubstr("multiplies strings"));
}

TEST_F(GraphVettingTest, LetsListsGrowOnlyByWhatALoopCounts) {
  const auto error = [&](int first, int added, const std::string& where) {
    metagraph_ = bundle_.metagraph;
    auto* function = graph().mutable_library()->add_function();
    function->mutable_signature()->set_name("body");
    for (const char* name : {"time", "list"}) {
      function->mutable_signature()->add_input_arg()->set_name(name);
      function->mutable_signature()->add_output_arg()->set_name(name);
    }
    (*function->mutable_ret())["time"] = "next:z:0";
    (*function->mutable_ret())["list"] = "write:output_handle:0";
    NodeDef* number = function->add_node_def();
    number->set_op("Const");
    number->set_name("added");
    auto* value = (*number->mutable_attr())["value"].mutable_tensor();
    value->set_dtype(tensorflow::DT_INT32);
    value->mutable_tensor_shape();
    value->add_int_val(added);
    NodeDef* next = function->add_node_def();
    next->set_op("AddV2");
    next->set_name("next");
    next->add_input("time");
    next->add_input("added:output:0");
    NodeDef* write = function->add_node_def();
    write->set_op("TensorListSetItem");
    write->set_name("write");
    write->add_input("list");
    write->add_input(where);
    (*write->mutable_attr())["resize_if_index_out_of_bounds"].set_b(true);
    AddInteger("first", first);
    NodeDef* loop = Add("StatelessWhile", "loop");
    loop->add_input("first");
    (*loop->mutable_attr())["body"].mutable_func()->set_name("body");
    First("MatMul")->add_input("^loop");
    return std::string(Vet().message());
  };
  EXPECT_EQ(error(0, 1, "time"), "");
  for (const std::string& refused :
       {error(1 << 30, 1, "time"), error(0, 2, "time"), error(0, 1, "added:output:0")}) {
    EXPECT_THAT(refused, HasSubstr("lets a list grow, and not by what a loop counts"));
  }
}

TEST(ParseMetagraphTest, CountsPartsBeforeParsing) {
  std::string strings;
  for (int i = 0; i < 600'000; ++i) strings.append("\x0a\0", 2);
  tensorflow::MetaGraphDef metagraph;
  auto* list = (*metagraph.mutable_collection_def())["x"].mutable_node_list();
  ASSERT_TRUE(list->ParseFromString(strings));
  EXPECT_THAT(std::string(ParseMetagraph(metagraph.SerializeAsString()).status().message()),
              HasSubstr("its metagraph has more than 524288 parts"));
}

TEST(ParseMetagraphTest, CountsNodesBeforeParsing) {
  std::string nodes;
  for (int i = 0; i < 100'000; ++i) nodes.append("\x0a\0", 2);
  std::string serialized = "\x12";  // graph_def, of 200,000 bytes
  serialized.append("\xc0\x9a\x0c").append(nodes);
  EXPECT_THAT(std::string(ParseMetagraph(serialized).status().message()),
              HasSubstr("it has 100000 nodes; at most 65536"));
  EXPECT_THAT(std::string(ParseMetagraph(std::string(9 << 20, ' ')).status().message()),
              HasSubstr("9437184 bytes"));
}

}  // namespace
}  // namespace magenta_serving
