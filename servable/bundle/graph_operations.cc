#include "servable/bundle/graph_operations.h"

#include "absl/container/flat_hash_set.h"

namespace magenta_serving {
namespace {

using Operations = absl::flat_hash_set<absl::string_view>;

}  // namespace

bool ComputesSteps(absl::string_view op) {
  static const auto* const kOperations = new Operations({
      // Arithmetic.
      "Add", "AddV2", "BiasAdd", "Conv2D", "Div", "Exp", "Floor", "Log", "Log1p", "LSTMBlockCell",
      "MatMul", "Max", "Maximum", "Mean", "Min", "Minimum", "Mul", "Neg", "Prod", "RealDiv",
      "Sigmoid", "Softmax", "Softplus", "Square", "Sub", "Sum", "Tanh",
      // Random numbers.
      "RandomUniform", "StatelessRandomGetKeyCounter", "StatelessRandomUniformV2",
      // Conditions.
      "All", "ArgMax", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd",
      "LogicalNot", "LogicalOr", "Select", "SelectV2", "Where",
      // Shapes, and moving values about.
      "Cast", "Concat", "ConcatV2", "Const", "ExpandDims", "Fill", "Gather", "GatherNd", "GatherV2",
      "Identity", "NoOp", "OneHot", "Pack", "Placeholder", "PlaceholderWithDefault", "Range",
      "Rank", "Reshape", "Reverse", "ReverseV2", "Shape", "Size", "Slice", "Snapshot", "Split",
      "SplitV", "Squeeze", "StopGradient", "StridedSlice", "Tile", "Transpose", "Unpack",
      "ZerosLike",
      // Loops and branches.
      "Enter", "Exit", "If", "LoopCond", "Merge", "NextIteration", "RefEnter", "RefExit",
      "RefMerge", "RefNextIteration", "RefSwitch", "StatelessIf", "StatelessWhile", "Switch",
      "While",
      // What loops write and read.
      "TensorArray", "TensorArrayGather", "TensorArrayGatherV2", "TensorArrayGatherV3",
      "TensorArrayPack", "TensorArrayRead", "TensorArrayReadV2", "TensorArrayReadV3",
      "TensorArrayScatter", "TensorArrayScatterV2", "TensorArrayScatterV3", "TensorArraySize",
      "TensorArraySizeV2", "TensorArraySizeV3", "TensorArrayUnpack", "TensorArrayV2",
      "TensorArrayV3", "TensorArrayWrite", "TensorArrayWriteV2", "TensorArrayWriteV3",
      "TensorListFromTensor", "TensorListGetItem", "TensorListLength", "TensorListReserve",
      "TensorListSetItem", "TensorListStack",
      // Variables, which only restoring changes.
      "ReadVariableOp", "VarHandleOp", "Variable", "VariableV2",
  });
  return kOperations->contains(op);
}

bool RestoresVariables(absl::string_view op) {
  static const auto* const kOperations = new Operations(
      {"Assign", "AssignVariableOp", "Const", "Identity", "NoOp", "Placeholder",
       "PlaceholderWithDefault", "VarHandleOp", "Variable", "VariableV2"});
  return kOperations->contains(op) || ReadsCheckpoint(op);
}

bool ReadsCheckpoint(absl::string_view op) {
  return op == "RestoreV2" || op == "Restore" || op == "RestoreSlice";
}

bool IsVariable(absl::string_view op) {
  return op == "Variable" || op == "VariableV2" || op == "VarHandleOp";
}

}  // namespace magenta_serving
