#include "servable/bundle/graph_vetting.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servable/base/status.h"
#include "servable/bundle/graph_arrays.h"
#include "servable/bundle/graph_operations.h"
#include "servable/checkpoint/fields.h"
#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/tensor.pb.h"

namespace magenta_serving {
namespace {

using tensorflow::AttrValue;
using tensorflow::FunctionDef;
using tensorflow::NodeDef;

// Magenta's largest metagraphs, those of RNN-NADEs, have 650 KB, 5,000 nodes and constants of 518
// elements; no node has more than 88 inputs.
constexpr size_t kMaxMetagraphBytes = 8 << 20;
constexpr int kMaxNodes = 1 << 16;
constexpr int kMaxInputs = 4096;
constexpr int64_t kMaxParts = 1 << 19;  // strings and messages, some of which take 300 bytes
constexpr size_t kMaxName = 512;
constexpr int kMaxArrays = 64;  // Magenta's graphs have three
constexpr int64_t kMaxExpanded = 64 << 20;  // bytes of functions, each as often as it is called
constexpr int64_t kNodeBytes = 1024;        // what a node or an input may take beside its message
constexpr int64_t kMaxConstant = 1 << 20;   // elements: a layer's state of some hundred sequences
constexpr int64_t kMaxConstants = 1 << 24;  // elements of all constants
constexpr int64_t kMaxTensor = int64_t{1} << 28;  // elements of what a shape describes
constexpr size_t kMaxFunctionDepth = 4;              // loops in loops
constexpr int64_t kMaxInteger = 4096;    // of attributes: how many outputs, iterations at a time

absl::Status Refused(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the bundle's graph is refused: ", why));
}

template <typename Node>
std::string Described(const Node& node) {
  return absl::StrCat("'", node.name().substr(0, kMaxName), "' (", node.op(), ")");
}

// Elements of a tensor whose unknown dimensions are 1; -1 when that is not a number, or too many.
int64_t Elements(const tensorflow::TensorShapeProto& shape) {
  int64_t elements = 1;
  for (const auto& dimension : shape.dim()) {
    if (dimension.size() < -1 || dimension.size() > kMaxTensor) return -1;
    if (dimension.size() != -1) elements *= dimension.size();
    if (elements > kMaxTensor) return -1;
  }
  return elements;
}

class Vetting {
 public:
  Vetting(const Checkpoint& checkpoint, const tensorflow::MetaGraphDef& metagraph)
      : variables_(checkpoint.variables()), metagraph_(metagraph) {}

  // Checks what generation needs.
  absl::Status Check() {
    const tensorflow::GraphDef* const graph = &metagraph_.graph_def();
    for (const NodeDef& node : graph->node()) {
      if (!nodes_.emplace(node.name(), &node).second)
        return Refused(absl::StrCat("it has two nodes '", node.name(), "'"));
    }
    for (const FunctionDef& function : graph->library().function()) {
      const std::string& name = function.signature().name();
      if (ComputesSteps(name) || RestoresVariables(name) ||
          !functions_.emplace(name, &function).second) {
        return Refused(absl::StrCat("its function '", name, "' has the name of something else"));
      }
    }
    const auto& saver = metagraph_.saver_def();
    checkpoint_name_ = std::string(NodeOf(saver.filename_tensor_name()));
    MS_RETURN_IF_ERROR(CheckAllBehind(Outputs(), ComputesSteps, "generation"));
    return CheckAllBehind({std::string(NodeOf(saver.restore_op_name())), checkpoint_name_},
                          RestoresVariables, "restoring the checkpoint");
  }

  bool Needs(const NodeDef& node) const { return needed_.contains(node.name()); }
  bool Needs(const FunctionDef& function) const {
    return needed_functions_.contains(function.signature().name());
  }

 private:
  using Allows = bool (*)(absl::string_view op);

  // The nodes that are fed and fetched: those in Magenta's collections, and softmaxes that have lost
  // theirs (see SoftmaxTensors).
  std::vector<std::string> Outputs() const {
    std::vector<std::string> outputs;
    for (const char* name : {"inputs", "temperature", "initial_state", "final_state", "softmax",
                             "sample", "log_prob"}) {
      const auto found = metagraph_.collection_def().find(name);
      if (found == metagraph_.collection_def().end()) continue;
      for (const std::string& tensor : found->second.node_list().value())
        outputs.emplace_back(NodeOf(tensor));
    }
    for (const NodeDef& node : metagraph_.graph_def().node()) {
      if (node.op() != "Reshape" || node.input_size() == 0) continue;
      const auto input = nodes_.find(node.input(0));
      if (input != nodes_.end() && input->second->op() == "Softmax" &&
          !absl::StrContains(input->first, '/')) {
        outputs.push_back(node.name());
      }
    }
    return outputs;
  }

  // Checks the nodes of these names and all that they are computed from or placed with.
  absl::Status CheckAllBehind(std::vector<std::string> open, Allows allows,
                              absl::string_view purpose) {
    absl::flat_hash_set<std::string> seen(open.begin(), open.end());
    while (!open.empty()) {
      const auto found = nodes_.find(open.back());
      open.pop_back();
      // Where the metagraph names a tensor that is not there, what reads it says so.
      if (found == nodes_.end()) continue;
      const NodeDef& node = *found->second;
      if (!allows(node.op())) {
        return Refused(absl::StrCat(Described(node), " is no operation that ", purpose,
                                    " takes in Magenta's graphs"));
      }
      const absl::Status status = CheckNode(node);
      if (!status.ok()) return Refused(absl::StrCat(Described(node), status.message()));
      needed_.insert(node.name());
      const auto follow = [&](absl::string_view name) -> absl::Status {
        if (!nodes_.contains(name)) {
          return Refused(
              absl::StrCat(Described(node), " reads '", name, "', which it does not have"));
        }
        if (seen.insert(std::string(name)).second) open.emplace_back(name);
        return absl::OkStatus();
      };
      for (const std::string& input : node.input()) MS_RETURN_IF_ERROR(follow(NodeOf(input)));
      const auto colocation = node.attr().find("_class");
      if (colocation == node.attr().end()) continue;
      for (absl::string_view name : colocation->second.list().s()) {
        if (absl::ConsumePrefix(&name, "loc:@")) MS_RETURN_IF_ERROR(follow(name));
      }
    }
    return absl::OkStatus();
  }

  // Errors are the rest of a sentence that begins with the node.
  absl::Status CheckNode(const NodeDef& node) {
    if (node.input_size() > kMaxInputs)
      return absl::InvalidArgumentError(absl::StrCat(" has ", node.input_size(), " inputs"));
    MS_RETURN_IF_ERROR(CheckName(node.name()));
    for (const std::string& input : node.input()) MS_RETURN_IF_ERROR(CheckName(input));
    if (ReadsCheckpoint(node.op()) &&
        (node.input_size() == 0 || NodeOf(node.input(0)) != checkpoint_name_)) {
      return absl::InvalidArgumentError(" reads another file than the checkpoint");
    }
    if (IsVariable(node.op())) MS_RETURN_IF_ERROR(CheckVariable(node));
    MS_RETURN_IF_ERROR(CheckAssignment(node));
    MS_RETURN_IF_ERROR(CheckStrings(node));
    if (MakesArray(node)) {
      // Where it is called in a loop, there would be one for each iteration.
      if (!open_functions_.empty())
        return absl::InvalidArgumentError(" makes an array in a function");
      if (++num_arrays_ > kMaxArrays) {
        return absl::InvalidArgumentError(
            absl::StrCat(" is one of more than ", kMaxArrays, " arrays"));
      }
    }
    // Names in a function are not those of the graph's nodes.
    MS_RETURN_IF_ERROR(CheckArray(open_functions_.empty() ? nodes_ : no_nodes_, node));
    MS_RETURN_IF_ERROR(CheckGrowth(node));
    MS_RETURN_IF_ERROR(CheckFilter(node));
    if (open_functions_.empty()) EnterLoop(node);
    for (const auto& [name, value] : node.attr()) {
      absl::Status status = CheckAttribute(name, value);
      // What goes into a loop takes four nodes: Enter, Merge, NextIteration, Exit.
      if (status.ok() && value.has_func()) status = Expand(4 * node.input_size() * kNodeBytes);
      if (!status.ok())
        return absl::InvalidArgumentError(absl::StrCat(": its ", name, " ", status.message()));
    }
    return absl::OkStatus();
  }

  // Remembers the body of a functional loop, which is checked next.
  void EnterLoop(const NodeDef& node) {
    loop_ = {};
    const auto body = node.attr().find("body");
    const bool is_loop = node.op() == "While" || node.op() == "StatelessWhile";
    if (!is_loop || body == node.attr().end() || !body->second.has_func()) return;
    const auto found = functions_.find(body->second.func().name());
    if (found == functions_.end()) return;
    loop_.node = &node;
    loop_.body = found->second;
    for (const NodeDef& inside : found->second->node_def())
      loop_.inside.emplace(inside.name(), &inside);
    loop_.orderly_writes = OrderlyWrites(nodes_, node, *found->second, loop_.inside);
  }

  // A variable gets what the checkpoint holds under some name.
  absl::Status CheckAssignment(const NodeDef& node) const {
    if (node.op() != "Assign" && node.op() != "AssignVariableOp") return absl::OkStatus();
    const NodeDef* value = node.input_size() < 2 ? nullptr : Find(nodes_, node.input(1));
    if (value != nullptr && value->op() == "Identity" && value->input_size() > 0)
      value = Find(nodes_, value->input(0));
    if (value != nullptr && ReadsCheckpoint(value->op())) return absl::OkStatus();
    return absl::InvalidArgumentError(" assigns something else than the checkpoint holds");
  }

  static const NodeDef* Find(const GraphNodesByName& nodes, absl::string_view tensor) {
    const auto found = nodes.find(NodeOf(tensor));
    return found == nodes.end() ? nullptr : found->second;
  }

  // One convolution with a filter of any size can take hours. Those of attentions, which are all
  // that Magenta's networks have, have one value for each pair of channels; and no variable could
  // get another filter, since its checkpoint has none.
  absl::Status CheckFilter(const NodeDef& node) const {
    if (node.op() != "Conv2D") return absl::OkStatus();
    const NodeDef* filter = node.input_size() < 2 ? nullptr : VariableBehind(node.input(1));
    const auto found = filter == nullptr ? variables_.end() : variables_.find(filter->name());
    if (found != variables_.end()) {
      if (IsSmallFilter(found->second.shape) &&
          absl::c_all_of(variables_, [](const auto& variable) {
            return variable.second.shape.dims() != 4 || IsSmallFilter(variable.second.shape);
          })) {
        return absl::OkStatus();
      }
    }
    return absl::InvalidArgumentError(" has a filter that is no variable of shape [1, 1, m, n]");
  }

  static bool IsSmallFilter(const tensorflow::TensorShape& shape) {
    return shape.dims() == 4 && shape.dim_size(0) == 1 && shape.dim_size(1) == 1;
  }

  // The variable that a tensor is, in the graph or in the body of a loop.
  const NodeDef* VariableBehind(std::string tensor) const {
    constexpr int kMaxWalk = 16;
    bool in_body = !open_functions_.empty();
    // In functions that the body calls, or in its condition, arguments are others.
    if (in_body && (open_functions_.size() > 1 || loop_.body == nullptr ||
                    loop_.body->signature().name() != open_functions_[0])) {
      return nullptr;
    }
    for (int i = 0; i < kMaxWalk; ++i) {
      // In a body, what has no output's name is an argument.
      if (in_body && !absl::StrContains(tensor, ':')) {
        const std::optional<int> argument = ConstantArgument(tensor);
        if (!argument) return nullptr;
        tensor = loop_.node->input(*argument);
        in_body = false;
        continue;
      }
      const NodeDef* const node = Find(in_body ? loop_.inside : nodes_, tensor);
      if (node == nullptr || IsVariable(node->op())) return node;
      constexpr absl::string_view kCopy[] = {"Enter", "Identity", "ReadVariableOp", "RefEnter"};
      if (!absl::c_linear_search(kCopy, node->op()) || node->input_size() == 0) return nullptr;
      tensor = node->input(0);
    }
    return nullptr;
  }

  // Which argument of the loop has this name, if its body returns that argument as it is.
  std::optional<int> ConstantArgument(const std::string& name) const {
    const auto& signature = loop_.body->signature();
    for (int i = 0; i < std::min(signature.input_arg_size(), signature.output_arg_size()); ++i) {
      if (signature.input_arg(i).name() != name) continue;
      const auto returned = loop_.body->ret().find(signature.output_arg(i).name());
      const bool is_constant = returned != loop_.body->ret().end() && returned->second == name;
      if (is_constant && i < loop_.node->input_size()) return i;
      return std::nullopt;
    }
    return std::nullopt;
  }

  absl::Status CheckGrowth(const NodeDef& node) const {
    const auto grows = node.attr().find("resize_if_index_out_of_bounds");
    if (grows == node.attr().end() || !grows->second.b() ||
        // In a function that the body calls, other things may be where the loop's counter was.
        (open_functions_.size() == 1 && absl::c_linear_search(loop_.orderly_writes, &node))) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(" lets a list grow, and not by what a loop counts");
  }

  // Nothing bounds the memory of strings, so none are multiplied.
  static absl::Status CheckStrings(const NodeDef& node) {
    constexpr absl::string_view kMultiply[] = {
        "BroadcastTo", "Concat", "ConcatV2", "Fill", "Gather", "GatherNd",
        "GatherV2",    "OneHot", "Pack",     "Tile", "Unpack", "ZerosLike"};
    if (!absl::c_linear_search(kMultiply, node.op()) &&
        !absl::StartsWith(node.op(), "TensorArray") && !absl::StartsWith(node.op(), "TensorList")) {
      return absl::OkStatus();
    }
    for (const auto& [name, value] : node.attr()) {
      if (value.type() == tensorflow::DT_STRING)
        return absl::InvalidArgumentError(" multiplies strings, which no network has");
    }
    return absl::OkStatus();
  }

  absl::Status CheckVariable(const NodeDef& node) const {
    const auto found = variables_.find(node.name());
    if (found == variables_.end())
      return absl::InvalidArgumentError(" is not in the checkpoint");
    const Variable& variable = found->second;
    const auto shape = node.attr().find("shape");
    const auto dtype = node.attr().find("dtype");
    tensorflow::TensorShape declared;
    if (shape == node.attr().end() || dtype == node.attr().end() ||
        !tensorflow::TensorShape::BuildTensorShape(shape->second.shape(), &declared).ok() ||
        declared != variable.shape || dtype->second.type() != variable.dtype) {
      return absl::InvalidArgumentError(absl::StrCat(
          " of shape {",
          shape == node.attr().end() ? "" : shape->second.shape().ShortDebugString(),
          "} does not fit the checkpoint, where it is ",
          tensorflow::DataType_Name(variable.dtype), " of shape ", variable.shape.DebugString()));
    }
    return absl::OkStatus();
  }

  absl::Status CheckAttribute(absl::string_view name, const AttrValue& value) {
    const bool is_seed = name == "seed" || name == "seed2";
    if (!is_seed && (value.i() > kMaxInteger || value.i() < -kMaxInteger)) {
      return absl::InvalidArgumentError(
          absl::StrCat("is ", value.i(), "; at most ", kMaxInteger, " is supported"));
    }
    MS_RETURN_IF_ERROR(CheckShape(value.shape()));
    for (const auto& shape : value.list().shape()) MS_RETURN_IF_ERROR(CheckShape(shape));
    if (value.has_tensor()) MS_RETURN_IF_ERROR(CheckConstant(value.tensor()));
    for (const auto& tensor : value.list().tensor()) MS_RETURN_IF_ERROR(CheckConstant(tensor));
    if (value.has_func()) MS_RETURN_IF_ERROR(CheckFunction(value.func()));
    for (const auto& function : value.list().func()) MS_RETURN_IF_ERROR(CheckFunction(function));
    return absl::OkStatus();
  }

  static absl::Status CheckShape(const tensorflow::TensorShapeProto& shape) {
    if (Elements(shape) >= 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("is a shape that no network has: ", shape.ShortDebugString()));
  }

  absl::Status CheckConstant(const tensorflow::TensorProto& tensor) {
    const int64_t elements = tensorflow::TensorShape::IsValid(tensor.tensor_shape())
                                 ? Elements(tensor.tensor_shape())
                                 : -1;
    if (elements < 0 || elements > kMaxConstant || (constants_ += elements) > kMaxConstants) {
      return absl::InvalidArgumentError(
          absl::StrCat("is a constant larger than Magenta's graphs have, or of no shape: ",
                       tensor.tensor_shape().ShortDebugString()));
    }
    if (tensor.dtype() == tensorflow::DT_RESOURCE || tensor.dtype() == tensorflow::DT_VARIANT)
      return absl::InvalidArgumentError("is a handle, not a constant");
    return absl::OkStatus();
  }

  absl::Status CheckFunction(const tensorflow::NameAttrList& reference) {
    const auto found = functions_.find(reference.name());
    const bool calls_itself = absl::c_linear_search(open_functions_, reference.name());
    if (found == functions_.end() || calls_itself || open_functions_.size() >= kMaxFunctionDepth) {
      return absl::InvalidArgumentError(
          absl::StrCat("is a function that it does not have, or that calls itself: '",
                       reference.name(), "'"));
    }
    for (const auto& [name, value] : reference.attr())
      MS_RETURN_IF_ERROR(CheckAttribute(name, value));
    const auto known = needed_functions_.find(reference.name());
    if (known != needed_functions_.end()) {
      MS_RETURN_IF_ERROR(Expand(known->second));
      // It was found good, but maybe in another loop.
      open_functions_.push_back(reference.name());
      for (const NodeDef& node : found->second->node_def()) {
        absl::Status status = CheckGrowth(node);
        if (status.ok()) status = CheckFilter(node);
        if (!status.ok())
          return absl::InvalidArgumentError(absl::StrCat("has ", Described(node), status.message()));
      }
      open_functions_.pop_back();
      return absl::OkStatus();
    }
    const auto& signature = found->second->signature();
    const int arguments = std::max(signature.input_arg_size(), signature.output_arg_size());
    if (arguments > kMaxInputs) {
      return absl::InvalidArgumentError(
          absl::StrCat("is a function of ", arguments, " inputs or outputs"));
    }
    const int64_t expanded = expanded_;
    MS_RETURN_IF_ERROR(Expand(BytesOf(*found->second)));
    open_functions_.push_back(reference.name());
    for (const NodeDef& node : found->second->node_def()) {
      if (!ComputesSteps(node.op()) || IsVariable(node.op())) {
        return absl::InvalidArgumentError(
            absl::StrCat("calls ", Described(node), ", which no loop of Magenta's does"));
      }
      const absl::Status status = CheckNode(node);
      if (!status.ok())
        return absl::InvalidArgumentError(absl::StrCat("has ", Described(node), status.message()));
    }
    open_functions_.pop_back();
    needed_functions_[reference.name()] = expanded_ - expanded;
    return absl::OkStatus();
  }

  // What a function takes when it stands where it is called, but for the functions that it calls.
  static int64_t BytesOf(const FunctionDef& function) {
    int64_t parts = function.signature().input_arg_size() + function.signature().output_arg_size();
    for (const NodeDef& node : function.node_def()) parts += 1 + node.input_size();
    return static_cast<int64_t>(function.ByteSizeLong()) + parts * kNodeBytes;
  }

  absl::Status Expand(int64_t bytes) {
    if ((expanded_ += bytes) <= kMaxExpanded) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("makes the graph grow by more than ",
                                                   kMaxExpanded >> 20, " MiB where it is called"));
  }

  static absl::Status CheckName(absl::string_view name) {
    if (name.size() <= kMaxName) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(" has a name of ", name.size(),
                                                   " bytes; at most ", kMaxName,
                                                   " are supported"));
  }

  const std::map<std::string, Variable>& variables_;
  const tensorflow::MetaGraphDef& metagraph_;
  GraphNodesByName nodes_;
  const GraphNodesByName no_nodes_;
  absl::flat_hash_map<std::string, const FunctionDef*> functions_;
  std::string checkpoint_name_;  // the node that is fed the checkpoint's path
  absl::flat_hash_set<std::string> needed_;
  absl::flat_hash_map<std::string, int64_t> needed_functions_;  // what each takes
  std::vector<std::string> open_functions_;  // being checked, each called by the one before
  struct {
    const NodeDef* node = nullptr;
    const FunctionDef* body = nullptr;
    GraphNodesByName inside;  // the body's nodes
    std::vector<const NodeDef*> orderly_writes;
  } loop_;  // the functional loop being checked
  int64_t constants_ = 0;
  int64_t expanded_ = 0;
  int num_arrays_ = 0;
};

}  // namespace

absl::StatusOr<tensorflow::MetaGraphDef> ParseMetagraph(absl::string_view serialized) {
  constexpr int kGraph = 2, kNode = 1, kLibrary = 2, kFunction = 1, kFunctionNode = 3;
  if (serialized.size() > kMaxMetagraphBytes) {
    return Refused(absl::StrCat("its metagraph has ", serialized.size(), " bytes; at most ",
                                kMaxMetagraphBytes, " are supported"));
  }
  if (CountParts(serialized) > kMaxParts)
    return Refused(absl::StrCat("its metagraph has more than ", kMaxParts, " parts"));
  int64_t nodes = 0;
  const auto count_function = [&](int field, absl::string_view) { nodes += field == kFunctionNode; };
  const auto count_library = [&](int field, absl::string_view bytes) {
    if (field == kFunction) ForEachField(bytes, count_function);
  };
  ForEachField(serialized, [&](int field, absl::string_view graph) {
    if (field != kGraph) return;
    ForEachField(graph, [&](int field, absl::string_view bytes) {
      nodes += field == kNode;
      if (field == kLibrary) ForEachField(bytes, count_library);
    });
  });
  if (nodes > kMaxNodes) {
    return Refused(absl::StrCat("it has ", nodes, " nodes; at most ", kMaxNodes,
                                " are supported"));
  }
  tensorflow::MetaGraphDef metagraph;
  if (serialized.empty() ||
      !metagraph.ParseFromArray(serialized.data(), static_cast<int>(serialized.size()))) {
    return MagentaError("GeneratorBundleParseError",
                        "the bundle's metagraph is missing or not a serialized MetaGraphDef");
  }
  return metagraph;
}

absl::Status VetGraph(const Checkpoint& checkpoint, tensorflow::MetaGraphDef* metagraph) {
  Vetting vetting(checkpoint, *metagraph);
  MS_RETURN_IF_ERROR(vetting.Check());
  const auto keep_needed = [&](auto* list) {
    const auto end = std::stable_partition(
        list->pointer_begin(), list->pointer_end(),
        [&](const auto* message) { return vetting.Needs(*message); });
    list->DeleteSubrange(static_cast<int>(end - list->pointer_begin()),
                         static_cast<int>(list->pointer_end() - end));
  };
  keep_needed(metagraph->mutable_graph_def()->mutable_node());
  auto* library = metagraph->mutable_graph_def()->mutable_library();
  keep_needed(library->mutable_function());
  library->clear_gradient();
  return absl::OkStatus();
}

}  // namespace magenta_serving
