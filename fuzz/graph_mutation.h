// Mutates metagraphs node by node, and what their collections name.
#ifndef MAGENTA_SERVING_FUZZ_GRAPH_MUTATION_H_
#define MAGENTA_SERVING_FUZZ_GRAPH_MUTATION_H_

#include <cstdint>
#include <string>

#include "fuzz/mutation.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"
#include "tensorflow/core/framework/tensor.pb.h"
#include "tensorflow/core/framework/types.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

// Of all kinds that the compiler knows, in the graph or not.
constexpr const char* kOperations[] = {
    "Add",      "BiasAdd",       "Concat",       "ConcatV2",          "Enter",
    "Exit",     "ExpandDims",    "GatherNd",     "Identity",          "If",
    "MatMul",   "Merge",         "Mul",          "NextIteration",     "OneHot",
    "Pack",     "Reshape",       "Sigmoid",      "Slice",             "Softmax",
    "Split",    "SplitV",        "Squeeze",      "StridedSlice",      "Sum",
    "Switch",   "Tanh",          "Transpose",    "TensorArrayReadV3", "TensorArrayGatherV3",
    "While",    "LSTMBlockCell", "TensorListGetItem", "TensorListStack"};

inline int64_t RandomInteger(Random& random) {
  constexpr int64_t kEdges[] = {INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
  if (random() % 8 == 0) return OneOf(kEdges, random);
  return random() % 4 == 0 ? int64_t{1} << (random() % 63) : random() % 8 - 2;
}

// Adds a constant such as a shape; returns its name.
inline std::string AddIntegers(tensorflow::GraphDef& graph, Random& random) {
  tensorflow::NodeDef& node = *graph.add_node();
  node.set_name("integers_" + std::to_string(graph.node_size()));
  node.set_op("Const");
  tensorflow::TensorProto& tensor = *(*node.mutable_attr())["value"].mutable_tensor();
  tensor.set_dtype(tensorflow::DT_INT64);
  const int size = random() % 5;
  tensor.mutable_tensor_shape()->add_dim()->set_size(size);
  for (int i = 0; i < size; ++i) tensor.add_int64_val(RandomInteger(random));
  return node.name();
}

// Sizes and values of constants, and what is true or false.
inline void MutateAttribute(tensorflow::AttrValue& attribute, Random& random) {
  const int64_t number = RandomInteger(random);
  if (attribute.has_b()) attribute.set_b(!attribute.b());
  if (attribute.has_i()) attribute.set_i(number);
  tensorflow::TensorShapeProto* shape = nullptr;
  if (attribute.has_shape()) shape = attribute.mutable_shape();
  if (attribute.has_tensor()) {
    shape = attribute.mutable_tensor()->mutable_tensor_shape();
    if (random() % 2 == 0) {
      attribute.mutable_tensor()->clear_int_val();
      attribute.mutable_tensor()->clear_tensor_content();
      attribute.mutable_tensor()->add_int_val(static_cast<int32_t>(number));
      return;
    }
  }
  if (shape == nullptr) return;
  if (shape->dim_size() == 0 || random() % 4 == 0) {
    shape->add_dim()->set_size(number);
  } else if (random() % 4 == 0) {
    shape->mutable_dim()->RemoveLast();
  } else {
    OneOf(*shape->mutable_dim(), random).set_size(number);
  }
}

inline void MutateNode(tensorflow::GraphDef& graph, tensorflow::NodeDef& node, Random& random) {
  const tensorflow::NodeDef& other = OneOf(graph.node(), random);
  switch (random() % 8) {
    case 0:
      node.set_op(random() % 2 == 0 ? other.op() : OneOf(kOperations, random));
      break;
    case 5:
      if (!node.input().empty())
        node.set_input(random() % node.input_size(), AddIntegers(graph, random));
      break;
    case 6:
      node.clear_input();
      break;
    case 1:
      node.add_input(other.name());
      break;
    case 2:
      if (!node.input().empty()) node.mutable_input()->RemoveLast();
      break;
    case 3:
      if (!node.input().empty()) node.set_input(random() % node.input_size(), other.name());
      break;
    case 4:
      node.clear_attr();
      break;
    default:
      if (!node.attr().empty())
        MutateAttribute(OneOf(*node.mutable_attr(), random).second, random);
  }
}

inline void MutateGraph(tensorflow::MetaGraphDef& metagraph, Random& random) {
  tensorflow::GraphDef& graph = *metagraph.mutable_graph_def();
  auto& collections = *metagraph.mutable_collection_def();
  if (random() % 16 == 0 && !collections.empty() && !graph.node().empty()) {
    auto& tensors = *OneOf(collections, random).second.mutable_node_list();
    if (tensors.value_size() == 0 || random() % 4 == 0) tensors.add_value();
    *tensors.mutable_value(random() % tensors.value_size()) = OneOf(graph.node(), random).name();
    return;
  }
  if (!graph.node().empty()) MutateNode(graph, OneOf(*graph.mutable_node(), random), random);
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_FUZZ_GRAPH_MUTATION_H_
