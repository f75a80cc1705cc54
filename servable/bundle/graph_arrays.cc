#include "servable/bundle/graph_arrays.h"

#include <initializer_list>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {
namespace {

using tensorflow::NodeDef;
using Operations = std::initializer_list<absl::string_view>;

constexpr int kMaxArray = 1 << 16;  // the size of one, and where writing to one begins
constexpr int kMaxLength = 1 << 20;  // of one as long as the inputs
constexpr int kMaxWalk = 64;        // nodes between a size and the inputs that it comes from

bool Is(const NodeDef* node, Operations operations) {
  return node != nullptr && absl::c_linear_search(operations, node->op());
}

std::optional<int> Integer(const NodeDef* node) {
  if (!Is(node, {"Const"})) return std::nullopt;
  const auto found = node->attr().find("value");
  tensorflow::Tensor value;
  if (found == node->attr().end() || found->second.tensor().tensor_shape().dim_size() > 0 ||
      !value.FromProto(found->second.tensor()) || value.dtype() != tensorflow::DT_INT32) {
    return std::nullopt;
  }
  return value.scalar<int32_t>()();
}

// What a loop of Magenta's begins to count at.
bool IsSmall(const NodeDef* node) { return Integer(node).value_or(kMaxArray + 1) <= kMaxArray; }

// Which input of a node that makes an array is its size.
int SizeInput(const NodeDef& array) { return array.op() == "TensorListReserve" ? 1 : 0; }

class Arrays {
 public:
  explicit Arrays(const GraphNodesByName& nodes) : nodes_(nodes) {}

  // A small constant, or the length of something that is computed from the inputs. Neither is in a
  // loop, where there would be an array for each iteration: what is has an input that leads there.
  bool HasBoundedSize(const NodeDef& array) const {
    const NodeDef* size = Input(&array, SizeInput(array));
    if (const std::optional<int> constant = Integer(size))
      return *constant <= kMaxArray && size->input().empty();
    if (!Is(size, {"StridedSlice"}) || !Is(Input(size, 0), {"Shape"})) return false;
    const NodeDef* from =
        Behind(size, {"Add", "AddV2", "BiasAdd", "Cast", "Identity", "MatMul", "OneHot", "Reshape",
                      "Shape", "Squeeze", "StridedSlice", "TensorArrayGatherV2",
                      "TensorArrayGatherV3", "TensorArrayV2", "TensorArrayV3", "Transpose"});
    return Is(from, {"Placeholder"}) && from->input().empty();
  }

  // Into an array of fixed size, or, one after the other, into one that grows.
  bool WritesInBounds(const NodeDef& write) const {
    const NodeDef* array = Behind(Input(&write, 0), {"Enter", "Identity", "RefEnter"});
    if (!Is(array, {"TensorArray", "TensorArrayV2", "TensorArrayV3"})) return false;
    const auto grows = array->attr().find("dynamic_size");
    if (grows == array->attr().end() || !grows->second.b()) return true;
    return absl::StartsWith(write.op(), "TensorArrayWrite") && IsCounter(Input(&write, 1));
  }

 private:
  const NodeDef* Input(const NodeDef* node, int input) const {
    if (node == nullptr || input >= node->input_size()) return nullptr;
    const auto found = nodes_.find(NodeOf(node->input(input)));
    return found == nodes_.end() ? nullptr : found->second;
  }

  // The first of the nodes that lead to `node` by their first inputs that is none of `operations`.
  const NodeDef* Behind(const NodeDef* node, Operations operations) const {
    for (int i = 0; i < kMaxWalk && Is(node, operations); ++i) node = Input(node, 0);
    return node;
  }

  // What a loop adds 1 to each time.
  bool IsCounter(const NodeDef* node) const {
    const NodeDef* merge = Behind(node, {"Identity", "Switch"});
    const NodeDef* first = Input(merge, 0);
    const NodeDef* next = Input(merge, 1);
    if (!Is(merge, {"Merge"}) || !Is(first, {"Enter"}) || !Is(next, {"NextIteration"}))
      return false;
    const NodeDef* sum = Input(next, 0);
    return Is(sum, {"Add", "AddV2"}) && Behind(Input(sum, 0), {"Identity", "Switch"}) == merge &&
           Integer(Input(sum, 1)) == 1 && IsSmall(Input(first, 0));
  }

  const GraphNodesByName& nodes_;
};

}  // namespace

absl::string_view NodeOf(absl::string_view tensor) {
  absl::ConsumePrefix(&tensor, "^");
  return tensor.substr(0, tensor.find(':'));
}

bool MakesArray(const NodeDef& node) {
  return Is(&node, {"TensorArray", "TensorArrayV2", "TensorArrayV3", "TensorListReserve"});
}

absl::Status CheckArray(const GraphNodesByName& nodes, const NodeDef& node) {
  const absl::string_view op = node.op();
  if (MakesArray(node) && !Arrays(nodes).HasBoundedSize(node)) {
    return absl::InvalidArgumentError(absl::StrCat(" has a size that is neither a constant up to ",
                                                   kMaxArray, " nor the length of the inputs"));
  }
  const bool writes = absl::StartsWith(op, "TensorArrayWrite") ||
                      absl::StartsWith(op, "TensorArrayScatter") ||
                      absl::StartsWith(op, "TensorArrayUnpack");
  if (writes && !Arrays(nodes).WritesInBounds(node)) {
    return absl::InvalidArgumentError(
        " writes elsewhere than into an array of fixed size or at the end of one");
  }
  return absl::OkStatus();
}

void BoundArrays(tensorflow::GraphDef* graph) {
  const auto set_type = [](NodeDef* node, const char* name) {
    (*node->mutable_attr())[name].set_type(tensorflow::DT_INT32);
  };
  for (int i = 0, size = graph->node_size(); i < size; ++i) {
    if (!MakesArray(graph->node(i))) continue;
    const std::string name = graph->node(i).name();
    const int input = SizeInput(graph->node(i));
    const std::string length = graph->node(i).input(input);
    NodeDef* const limit = graph->add_node();
    limit->set_name(absl::StrCat(name, "/max_length"));
    limit->set_op("Const");
    limit->add_input(absl::StrCat("^", NodeOf(length)));  // which puts it into the same loop
    set_type(limit, "dtype");
    tensorflow::Tensor(kMaxLength).AsProtoField((*limit->mutable_attr())["value"].mutable_tensor());
    NodeDef* const bounded = graph->add_node();
    bounded->set_name(absl::StrCat(name, "/bounded_length"));
    bounded->set_op("Minimum");
    bounded->add_input(length);
    bounded->add_input(limit->name());
    set_type(bounded, "T");
    graph->mutable_node(i)->set_input(input, bounded->name());
  }
}

std::vector<const NodeDef*> OrderlyWrites(const GraphNodesByName& nodes, const NodeDef& loop,
                                          const tensorflow::FunctionDef& body,
                                          const GraphNodesByName& inside) {
  const auto find = [](const GraphNodesByName& among, const std::string& tensor) {
    const auto found = among.find(NodeOf(tensor));
    return found == among.end() ? nullptr : found->second;
  };
  absl::flat_hash_map<std::string, int> arguments;
  for (int i = 0; i < body.signature().input_arg_size(); ++i)
    arguments.emplace(body.signature().input_arg(i).name(), i);
  const auto is_counter = [&](const std::string& argument) {
    const auto found_argument = arguments.find(argument);
    if (found_argument == arguments.end()) return false;
    const int number = found_argument->second;
    if (number >= loop.input_size() || number >= body.signature().output_arg_size()) return false;
    const auto returned = body.ret().find(body.signature().output_arg(number).name());
    const NodeDef* sum = returned == body.ret().end() ? nullptr : find(inside, returned->second);
    return Is(sum, {"Add", "AddV2"}) && sum->input_size() >= 2 && sum->input(0) == argument &&
           Integer(find(inside, sum->input(1))) == 1 && IsSmall(find(nodes, loop.input(number)));
  };
  std::vector<const NodeDef*> writes;
  for (const NodeDef& node : body.node_def()) {
    if (node.op() == "TensorListSetItem" && node.input_size() >= 2 && is_counter(node.input(1)))
      writes.push_back(&node);
  }
  return writes;
}

}  // namespace magenta_serving
