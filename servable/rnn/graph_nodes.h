// A graph as something to walk through: nodes by name, constants by value.
//
// Functional loops and conditions (the operations While and If of TensorFlow 2's control flow, and
// the stateless ones) appear as Enter, Merge, NextIteration and Exit nodes, as TensorFlow 1 writes
// them, so that there is one kind to understand.
#ifndef MAGENTA_SERVING_RNN_GRAPH_NODES_H_
#define MAGENTA_SERVING_RNN_GRAPH_NODES_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"

namespace magenta_serving {

// An output of a node.
struct GraphTensor {
  const tensorflow::NodeDef* node = nullptr;  // null: there is no such node
  int index = 0;

  // Whether the node is one of these operations.
  bool Is(std::initializer_list<absl::string_view> ops) const;
  std::string name() const;  // "name:index"

  friend bool operator==(const GraphTensor& a, const GraphTensor& b) {
    return a.node == b.node && a.index == b.index;
  }
  friend bool operator<(const GraphTensor& a, const GraphTensor& b) {
    return std::make_pair(a.node, a.index) < std::make_pair(b.node, b.index);
  }
};

class GraphNodes {
 public:
  // `graph` must outlive this.
  explicit GraphNodes(const tensorflow::GraphDef* graph);

  // The tensor "name" or "name:index".
  GraphTensor Find(absl::string_view tensor) const;

  // Data input `i` of a node, the last ones for negative numbers; null when there are fewer.
  GraphTensor Input(GraphTensor tensor, int i) const;
  int NumInputs(GraphTensor tensor) const;

  // What `tensor` is a copy of: operations that hand on their first input, be it to the next
  // iteration or out of a loop, are left out, and so are `others`. Merge stays. Nothing, where
  // there are more of them than Magenta's graphs have, as in a circle.
  GraphTensor Origin(GraphTensor tensor,
                     std::initializer_list<absl::string_view> others = {}) const;

  // The values of an integer or float constant, a scalar being one value; none for anything else,
  // nor for integers of more than 32 bits. Knows concatenations of constants, which Magenta's
  // shapes are.
  std::optional<std::vector<int64_t>> Integers(GraphTensor tensor) const;
  std::optional<float> Float(GraphTensor tensor) const;

  // The shape of a float tensor of zeros; none for anything else.
  std::optional<std::vector<int64_t>> ShapeOfZeros(GraphTensor tensor) const;

 private:
  // `depth` counts the functions that something is in.
  void Add(const tensorflow::NodeDef& node, int depth);
  void LowerLoop(const tensorflow::NodeDef& loop, const tensorflow::FunctionDef& body, int depth);
  void LowerCondition(const tensorflow::NodeDef& condition,
                      const tensorflow::FunctionDef& then_branch,
                      const tensorflow::FunctionDef& else_branch, int depth);
  void Inline(const tensorflow::FunctionDef& function, const std::string& prefix, int depth);
  tensorflow::NodeDef* Make(const std::string& op, const std::string& name,
                            const std::vector<std::string>& inputs);
  // Makes the node known by its name, which nothing is found by when two nodes have it.
  void Name(const tensorflow::NodeDef& node);

  std::unordered_map<absl::string_view, const tensorflow::NodeDef*> nodes_;
  std::unordered_map<absl::string_view, const tensorflow::FunctionDef*> functions_;
  std::unordered_map<std::string, std::string> aliases_;  // outputs of what was lowered
  std::deque<tensorflow::NodeDef> made_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_RNN_GRAPH_NODES_H_
