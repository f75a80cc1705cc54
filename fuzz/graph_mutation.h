// Mutates metagraphs node by node.
#ifndef MAGENTA_SERVING_FUZZ_GRAPH_MUTATION_H_
#define MAGENTA_SERVING_FUZZ_GRAPH_MUTATION_H_

#include "fuzz/mutation.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace magenta_serving {

// Sizes and values of constants, and what is true or false.
inline void MutateAttribute(tensorflow::AttrValue& attribute, Random& random) {
  const int64_t number = random() % 4 == 0 ? int64_t{1} << (random() % 63) : random() % 8 - 2;
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
  switch (random() % 6) {
    case 0:
      node.set_op(other.op());
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
  if (!graph.node().empty()) MutateNode(graph, OneOf(*graph.mutable_node(), random), random);
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_FUZZ_GRAPH_MUTATION_H_
