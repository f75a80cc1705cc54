#include "servable/rnn/graph_compiler.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "servable/base/status.h"
#include "servable/network/kernels.h"
#include "servable/checkpoint/checkpoint.h"
#include "servable/rnn/graph_nodes.h"

namespace magenta_serving {
namespace {

absl::Status NotUnderstood(absl::string_view what) { return absl::UnimplementedError(what); }

absl::Status NotUnderstood(absl::string_view what, GraphTensor tensor) {
  return NotUnderstood(absl::StrCat(what, ": '", tensor.name(), "'",
                                    tensor.node ? absl::StrCat(" (", tensor.node->op(), ")") : ""));
}

// What a tensor holds of one sequence at one step: where its values come from, and its shape
// without the dimensions of batch and time.
struct Value {
  Slices slices;
  std::vector<int64_t> shape;
};

void Append(const Slice& slice, Slices* slices) {
  if (!slices->empty()) {
    Slice& last = slices->back();
    if (last.source == slice.source && last.offset + last.size == slice.offset) {
      last.size += slice.size;
      return;
    }
  }
  slices->push_back(slice);
}

void Append(const Slices& more, Slices* slices) {
  for (const Slice& slice : more) Append(slice, slices);
}

// Values [begin, begin + size) of what `slices` hold.
Slices Part(const Slices& slices, int begin, int size) {
  Slices part;
  for (const Slice& slice : slices) {
    const int first = std::max(begin, 0);
    const int last = std::min(begin + size, slice.size);
    if (first < last) Append({slice.source, slice.offset + first, last - first}, &part);
    begin -= slice.size;
  }
  return part;
}

// What bounds time and memory when a graph takes the same things again and again. Magenta's
// networks have far less of each.
constexpr int kMaxVisits = 1 << 14;
constexpr int64_t kMaxSize = 1 << 18;  // of states, values, and all that layers compute
constexpr size_t kMaxSlices = 256;     // of a value
constexpr size_t kMaxDimensions = 8;   // likewise
constexpr int kMaxParts = 64;          // of a concatenation
constexpr int kMaxUses = 2;            // of all weights on average

class Compiler {
 public:
  Compiler(const Bundle& bundle, GraphSignature signature)
      : nodes_(&bundle.metagraph.graph_def()),
        inputs_(nodes_.Find(signature.inputs)),
        checkpoint_(bundle.checkpoint) {
    compiled_.signature = std::move(signature);
    spec().input_size = compiled_.signature.input_size;
    for (const auto& [name, variable] : checkpoint_.variables())
      weights_left_ += kMaxUses * variable.shape.num_elements();
  }

  absl::StatusOr<CompiledGraph> EventRnn(const std::vector<std::string>& softmax) {
    MS_RETURN_IF_ERROR(PlaceState(0));
    for (const std::string& head : softmax) MS_RETURN_IF_ERROR(AddHead(head));
    return Finish(0);
  }

  absl::StatusOr<CompiledGraph> RnnNade() {
    constexpr int kBiases = 2;
    if (compiled_.signature.final_state.size() <= kBiases)
      return NotUnderstood("a state without recurrent values");
    MS_RETURN_IF_ERROR(PlaceState(kBiases));
    for (int i = 0; i < kBiases; ++i) {
      const std::string& name = compiled_.signature.final_state[i];
      MS_ASSIGN_OR_RETURN(const Value value, Visit(nodes_.Find(name)));
      AddOutput(name, value);
    }
    return Finish(kBiases);
  }

 private:
  NetworkSpec& spec() { return compiled_.network; }

  // Reserves room for what a layer computes.
  int Allocate(int size) {
    return std::exchange(spec().computed_size, spec().computed_size + RoundUpToPanel(size));
  }

  static Value Computed(int offset, int size) {
    return {{{Slice::kComputed, offset, size}}, {size}};
  }

  // Gives each initial state tensor after the first `skipped` its place in the state.
  absl::Status PlaceState(size_t skipped) {
    const std::vector<std::string>& names = compiled_.signature.initial_state;
    for (size_t i = skipped; i < names.size(); ++i) {
      const GraphTensor tensor = nodes_.Find(names[i]);
      const auto shape = nodes_.ShapeOfZeros(tensor);
      if (!shape || shape->size() != 2 ||
          (*shape)[0] != compiled_.signature.batch_size || (*shape)[1] < 1 ||
          (*shape)[1] > kMaxSize - spec().state_size) {
        return NotUnderstood("an initial state that is not zeros", tensor);
      }
      const int size = static_cast<int>((*shape)[1]);
      if (!states_.emplace(tensor, Slice{Slice::kState, spec().state_size, size}).second)
        return NotUnderstood("two states that begin with one tensor", tensor);
      compiled_.state_sizes.push_back(size);
      spec().state_size += size;
    }
    return absl::OkStatus();
  }

  void AddOutput(const std::string& tensor, const Value& value) {
    Append(value.slices, &spec().output);
    compiled_.outputs.push_back(tensor);
    compiled_.output_sizes.push_back(SizeOf(value.slices));
  }

  // softmax(logits / temperature), reshaped.
  absl::Status AddHead(const std::string& name) {
    GraphTensor softmax = Unwrapped(nodes_.Find(name));
    if (!softmax.Is({"Softmax"})) return NotUnderstood("a softmax that is not one", softmax);
    GraphTensor logits = nodes_.Input(softmax, 0);
    const std::string tensor = logits.name();
    if (!compiled_.signature.temperature.empty()) {
      const GraphTensor temperature = nodes_.Find(compiled_.signature.temperature);
      GraphTensor divisor = nodes_.Origin(nodes_.Input(logits, 1));
      if (divisor.Is({"Fill"})) divisor = nodes_.Origin(nodes_.Input(divisor, 1));
      if (!logits.Is({"Div", "RealDiv"}) || !(divisor == temperature))
        return NotUnderstood("logits that are not divided by the temperature", logits);
      logits = nodes_.Input(logits, 0);
    }
    MS_ASSIGN_OR_RETURN(const Value value, Visit(logits));
    AddOutput(tensor, value);
    return absl::OkStatus();
  }

  absl::StatusOr<CompiledGraph> Finish(size_t skipped) {
    Slices next;
    for (size_t i = skipped; i < compiled_.signature.final_state.size(); ++i) {
      MS_ASSIGN_OR_RETURN(const Value value,
                          Visit(AfterLoop(nodes_.Find(compiled_.signature.final_state[i]))));
      if (SizeOf(value.slices) != compiled_.state_sizes[i - skipped]) {
        return NotUnderstood("a state that changes its size",
                             nodes_.Find(compiled_.signature.final_state[i]));
      }
      next.insert(next.end(), value.slices.begin(), value.slices.end());
    }
    for (Layer& layer : spec().layers) {
      auto* attention = std::get_if<AttentionLayer>(&layer);
      if (attention == nullptr) continue;
      MS_ASSIGN_OR_RETURN(next, Remember(next, attention));
    }
    spec().new_state = std::move(next);
    return std::move(compiled_);
  }

  // Finds in the new state the memory of an attention: its old rows but the first, and a new one.
  // Returns the new state with the memory in it as what does not change.
  static absl::StatusOr<Slices> Remember(const Slices& state, AttentionLayer* attention) {
    const int kept = (attention->length - 1) * attention->size;
    const Slices expected =
        Part({{Slice::kState, attention->memory + attention->size, kept}}, 0, kept);
    if (Part(state, attention->memory, kept) != expected)
      return NotUnderstood("an attention's memory that does not move on by a row");
    attention->appended = Part(state, attention->memory + kept, attention->size);
    const int end = attention->memory + kept + attention->size;
    Slices changed = Part(state, 0, attention->memory);
    Append({Slice::kState, attention->memory, kept + attention->size}, &changed);
    Append(Part(state, end, SizeOf(state) - end), &changed);
    return changed;
  }

  // What a loop variable has become when the loop ends: what it gets in each iteration.
  GraphTensor AfterLoop(GraphTensor tensor) const {
    tensor = nodes_.Origin(tensor);
    return IsLoopVariable(tensor) ? nodes_.Input(tensor, 1) : tensor;
  }

  bool IsLoopVariable(GraphTensor tensor) const {
    return tensor.Is({"Merge", "RefMerge"}) &&
           nodes_.Input(tensor, 1).Is({"NextIteration", "RefNextIteration"});
  }

  // Without operations that only change a tensor's shape.
  GraphTensor Unwrapped(GraphTensor tensor) const {
    return nodes_.Origin(tensor, {"Reshape", "ExpandDims", "Squeeze"});
  }

  // The two operands of a binary operation in both orders.
  std::array<std::pair<GraphTensor, GraphTensor>, 2> Operands(GraphTensor tensor) const {
    const GraphTensor a = nodes_.Origin(nodes_.Input(tensor, 0));
    const GraphTensor b = nodes_.Origin(nodes_.Input(tensor, 1));
    return {{{a, b}, {b, a}}};
  }

  static bool IsVariable(GraphTensor tensor) {
    return tensor.Is({"Variable", "VariableV2", "VarHandleOp"});
  }

  absl::StatusOr<Weights> Variable(GraphTensor tensor, size_t dimensions) {
    tensor = nodes_.Origin(tensor);
    if (!IsVariable(tensor)) return NotUnderstood("weights that are no variable", tensor);
    const auto variable = checkpoint_.variables().find(tensor.node->name());
    if (variable != checkpoint_.variables().end())
      weights_left_ -= variable->second.shape.num_elements();
    if (weights_left_ < 0) return NotUnderstood("weights that are used again and again", tensor);
    absl::StatusOr<Weights> weights = checkpoint_.Read(tensor.node->name());
    if (!weights.ok()) return NotUnderstood(weights.status().message());
    if (weights->shape.size() != dimensions)
      return NotUnderstood("weights of an unexpected shape", tensor);
    return weights;
  }

  // What `tensor` holds; adds the layers that compute it.
  absl::StatusOr<Value> Visit(GraphTensor tensor) {
    tensor = nodes_.Origin(tensor);
    const auto known = values_.find(tensor);
    if (known != values_.end()) return known->second;
    if (++num_visits_ > kMaxVisits) return NotUnderstood("too many values", tensor);
    constexpr int kMaxDepth = 1000;
    if (!open_.insert(tensor).second || open_.size() > kMaxDepth)
      return NotUnderstood("a value that is computed from itself", tensor);
    absl::StatusOr<Value> value = Understand(tensor);
    open_.erase(tensor);
    if (!value.ok()) return value;
    MS_RETURN_IF_ERROR(CheckSize(tensor, *value));
    if (spec().computed_size > kMaxSize) return NotUnderstood("too much to compute", tensor);
    values_.emplace(tensor, *value);
    return value;
  }

  static absl::Status CheckSize(GraphTensor tensor, const Value& value) {
    const int size = SizeOf(value.slices);
    if (value.slices.size() <= kMaxSlices && size >= 1 && size <= kMaxSize &&
        !value.shape.empty() && value.shape.size() <= kMaxDimensions) {
      return absl::OkStatus();
    }
    return NotUnderstood("a value of a size that no network has", tensor);
  }

  absl::StatusOr<Value> Understand(GraphTensor tensor) {
    if (tensor.node == nullptr) return NotUnderstood("a missing input");
    const std::string& op = tensor.node->op();
    if (tensor == inputs_) {
      const int size = spec().input_size;
      return Value{{{Slice::kInput, 0, size}}, {size}};
    }
    if (op == "OneHot") return OneHot(tensor);
    if (IsLoopVariable(tensor)) return LoopVariable(tensor);
    if (op == "Merge") {
      // The branches of a condition on lengths, which are all the same here: either will do, and
      // one of them may hold zeros that are never used.
      absl::StatusOr<Value> value = Visit(nodes_.Input(tensor, 0));
      return value.ok() ? value : Visit(nodes_.Input(tensor, 1));
    }
    // Batch and time change places, or sequences without padding are laid end to end.
    if (op == "Transpose" || op == "GatherNd") return Visit(nodes_.Input(tensor, 0));
    if (absl::StartsWith(op, "TensorArrayRead")) return Visit(ArrayContents(tensor));
    if (op == "TensorListGetItem") return Visit(nodes_.Input(tensor, 0));
    if (op == "TensorListFromTensor") return Visit(nodes_.Input(tensor, 0));
    if (absl::StartsWith(op, "TensorArrayGather") || op == "TensorArrayPack")
      return Visit(Written(nodes_.Input(tensor, -1)));
    if (op == "TensorListStack") return Visit(Written(nodes_.Input(tensor, 0)));
    if (op == "Reshape") return Reshape(tensor);
    if (op == "ExpandDims") return ExpandDims(tensor);
    if (op == "Concat" || op == "ConcatV2") return Concat(tensor);
    if (op == "Slice") return SliceOf(tensor);
    if (op == "StridedSlice") return StridedSlice(tensor);
    if (op == "Split" || op == "SplitV") return Split(tensor);
    if (op == "LSTMBlockCell") return BlockCell(tensor);
    if (op == "Mul") return HiddenValues(tensor);
    if (op == "Sum") return Attention(tensor);
    if (op == "MatMul" || op == "BiasAdd") return Linear(tensor);
    if (op == "Add" || op == "AddV2") {
      if (const std::optional<Cell> cell = MatchCell(tensor)) {
        MS_ASSIGN_OR_RETURN(const Lstm lstm, AddCell(tensor, *cell));
        return lstm.cell;
      }
      for (const auto& [a, b] : Operands(tensor)) {
        if (a.Is({"MatMul"}) && IsVariable(b)) return Linear(tensor);
      }
      return Sum(tensor);
    }
    return NotUnderstood("an operation that Magenta's networks do not have", tensor);
  }

  absl::StatusOr<Value> LoopVariable(GraphTensor tensor) {
    const auto state = states_.find(nodes_.Origin(nodes_.Input(tensor, 0)));
    if (state != states_.end()) return Value{{state->second}, {state->second.size}};
    // A decoder reads the next input at the end of an iteration.
    return Visit(nodes_.Input(tensor, 1));
  }

  // tf.one_hot of the input's only value.
  absl::StatusOr<Value> OneHot(GraphTensor tensor) {
    const GraphTensor index =
        nodes_.Origin(nodes_.Input(tensor, 0), {"Cast", "Squeeze", "ToInt64"});
    const auto depth = nodes_.Integers(nodes_.Input(tensor, 1));
    const auto on = nodes_.Float(nodes_.Input(tensor, 2));
    const auto off = nodes_.Float(nodes_.Input(tensor, 3));
    constexpr int64_t kMaxDepth = 1 << 16;
    if (!(index == inputs_) || spec().input_size != 1 || !depth ||
        depth->size() != 1 || (*depth)[0] < 1 || (*depth)[0] > kMaxDepth || on != 1.0f ||
        off != 0.0f) {
      return NotUnderstood("a one-hot encoding of something else than the input", tensor);
    }
    spec().one_hot_depth = static_cast<int>((*depth)[0]);
    return Value{{{Slice::kInput, 0, spec().one_hot_depth}}, {spec().one_hot_depth}};
  }

  // What was put into the array that `read` reads, before the loop.
  GraphTensor ArrayContents(GraphTensor read) const {
    const GraphTensor flow = nodes_.Origin(nodes_.Input(read, -1));
    const bool scatters =
        flow.node != nullptr && absl::StartsWith(flow.node->op(), "TensorArrayScatter");
    return scatters ? nodes_.Input(flow, 2) : GraphTensor{};
  }

  // What the loop writes into an array or list in each iteration.
  GraphTensor Written(GraphTensor array) const {
    const GraphTensor write = nodes_.Origin(AfterLoop(array));
    const bool writes =
        write.node != nullptr && (absl::StartsWith(write.node->op(), "TensorArrayWrite") ||
                                  write.node->op() == "TensorListSetItem");
    return writes ? nodes_.Input(write, 2) : GraphTensor{};
  }

  absl::StatusOr<Value> Reshape(GraphTensor tensor) {
    MS_ASSIGN_OR_RETURN(Value value, Visit(nodes_.Input(tensor, 0)));
    const int64_t size = SizeOf(value.slices);
    value.shape = {size};
    // Of a shape [-1, 40, 64] the first is the batch, or batch and time.
    const auto shape = nodes_.Integers(nodes_.Input(tensor, 1));
    if (!shape || shape->size() < 2) return value;
    int64_t rest = size;
    for (size_t i = 1; i < shape->size(); ++i) {
      if ((*shape)[i] < 1 || rest % (*shape)[i] != 0) return value;
      rest /= (*shape)[i];
    }
    if (rest == 1) value.shape.assign(shape->begin() + 1, shape->end());
    return value;
  }

  absl::StatusOr<Value> ExpandDims(GraphTensor tensor) {
    MS_ASSIGN_OR_RETURN(Value value, Visit(nodes_.Input(tensor, 0)));
    value.shape.insert(value.shape.begin(), 1);
    return value;
  }

  // The axis of a concatenation or split must be the first after the batch: then values of one
  // sequence lie one after another.
  absl::Status CheckAxis(GraphTensor tensor, GraphTensor axis, const Value& value) const {
    const auto number = nodes_.Integers(axis);
    if (number && number->size() == 1 &&
        ((*number)[0] == 1 || ((*number)[0] == -1 && value.shape.size() == 1))) {
      return absl::OkStatus();
    }
    return NotUnderstood("an axis that is not the second", tensor);
  }

  absl::StatusOr<Value> Concat(GraphTensor tensor) {
    const bool axis_first = tensor.node->op() == "Concat";
    const GraphTensor axis = nodes_.Input(tensor, axis_first ? 0 : -1);
    const int num_parts = nodes_.NumInputs(tensor) - 1;
    if (num_parts > kMaxParts) return NotUnderstood("too many parts", tensor);
    Value all;
    for (int i = 0; i < num_parts; ++i) {
      MS_ASSIGN_OR_RETURN(const Value part, Visit(nodes_.Input(tensor, i + (axis_first ? 1 : 0))));
      MS_RETURN_IF_ERROR(CheckAxis(tensor, axis, part));
      Append(part.slices, &all.slices);
      if (all.shape.empty()) {
        all.shape = part.shape;
      } else {
        all.shape[0] += part.shape[0];
      }
      MS_RETURN_IF_ERROR(CheckSize(tensor, all));
    }
    return all;
  }

  // Rows [begin, begin + count) of the first dimension after the batch.
  absl::StatusOr<Value> Rows(GraphTensor tensor, const Value& value, int64_t begin,
                             int64_t count) const {
    const int64_t rows = value.shape[0];
    if (begin < 0 || begin > rows || count < 1 || count > rows - begin)
      return NotUnderstood("a slice outside of what it is of", tensor);
    const int64_t size = SizeOf(value.slices) / rows;
    Value part{Part(value.slices, static_cast<int>(begin * size), static_cast<int>(count * size)),
               value.shape};
    part.shape[0] = count;
    return part;
  }

  absl::StatusOr<Value> SliceOf(GraphTensor tensor) {
    MS_ASSIGN_OR_RETURN(const Value value, Visit(nodes_.Input(tensor, 0)));
    const auto begin = nodes_.Integers(nodes_.Input(tensor, 1));
    const auto size = nodes_.Integers(nodes_.Input(tensor, 2));
    const size_t dimensions = value.shape.size() + 1;
    if (!begin || !size || begin->size() != dimensions || size->size() != dimensions)
      return NotUnderstood("a slice whose place is not constant", tensor);
    for (size_t i = 0; i < dimensions; ++i) {
      const bool whole = i == 0 ? (*size)[0] == -1 || (*size)[0] == compiled_.signature.batch_size
                                : (*size)[i] == -1 || (*size)[i] == value.shape[i - 1];
      if (i != 1 && ((*begin)[i] != 0 || !whole))
        return NotUnderstood("a slice of an unexpected dimension", tensor);
    }
    return Rows(tensor, value, (*begin)[1],
                (*size)[1] == -1 ? value.shape[0] - (*begin)[1] : (*size)[1]);
  }

  // logits[:, begin:end]
  absl::StatusOr<Value> StridedSlice(GraphTensor tensor) {
    MS_ASSIGN_OR_RETURN(const Value value, Visit(nodes_.Input(tensor, 0)));
    const auto begin = nodes_.Integers(nodes_.Input(tensor, 1));
    const auto end = nodes_.Integers(nodes_.Input(tensor, 2));
    const auto strides = nodes_.Integers(nodes_.Input(tensor, 3));
    const auto mask = [&](const char* name) -> int64_t {
      const auto found = tensor.node->attr().find(name);
      return found == tensor.node->attr().end() ? 0 : found->second.i();
    };
    // Bit 0 is for the batch, of which all is taken; bit 1 for what is taken to one end.
    if (!begin || !end || !strides || begin->size() != 2 || end->size() != 2 ||
        *strides != std::vector<int64_t>{1, 1} || value.shape.size() != 1 ||
        !(mask("begin_mask") & 1) || !(mask("end_mask") & 1) || mask("ellipsis_mask") != 0 ||
        mask("new_axis_mask") != 0 || mask("shrink_axis_mask") != 0) {
      return NotUnderstood("a slice of an unexpected kind", tensor);
    }
    const int64_t first = mask("begin_mask") & 2 ? 0 : (*begin)[1];
    const int64_t last = mask("end_mask") & 2 ? value.shape[0] : (*end)[1];
    return Rows(tensor, value, first, last - first);
  }

  absl::StatusOr<Value> Split(GraphTensor tensor) {
    const bool sized = tensor.node->op() == "SplitV";
    MS_ASSIGN_OR_RETURN(const Value value, Visit(nodes_.Input(tensor, sized ? 0 : 1)));
    MS_RETURN_IF_ERROR(CheckAxis(tensor, nodes_.Input(tensor, sized ? 2 : 0), value));
    const auto number = tensor.node->attr().find("num_split");
    const int64_t parts = number == tensor.node->attr().end() ? 0 : number->second.i();
    if (parts < 1 || tensor.index >= parts)
      return NotUnderstood("a split without parts", tensor);
    if (sized) {
      const auto sizes = nodes_.Integers(nodes_.Input(tensor, 1));
      if (!sizes || static_cast<int64_t>(sizes->size()) != parts)
        return NotUnderstood("a split whose sizes are not constant", tensor);
      int64_t begin = 0;
      for (int i = 0; i < tensor.index; ++i) begin += (*sizes)[i];
      return Rows(tensor, value, begin, (*sizes)[tensor.index]);
    }
    const int64_t size = value.shape[0] / parts;
    return Rows(tensor, value, tensor.index * size, size);
  }

  // x W, or x W + b.
  struct Projection {
    Slices inputs;
    int size = 0;
    std::vector<float> weights;
    std::vector<float> bias;
  };

  absl::StatusOr<Projection> Project(GraphTensor tensor) {
    tensor = nodes_.Origin(tensor);
    Projection projection;
    GraphTensor product = tensor;
    if (!tensor.Is({"MatMul"})) {
      if (!tensor.Is({"BiasAdd", "Add", "AddV2"})) return NotUnderstood("no projection", tensor);
      for (const auto& [a, b] : Operands(tensor)) {
        if (!Unwrapped(a).Is({"MatMul"}) || !IsVariable(b)) continue;
        product = Unwrapped(a);
        MS_ASSIGN_OR_RETURN(Weights bias, Variable(b, 1));
        projection.bias = std::move(bias.values);
      }
    }
    const auto transposed = [&](const char* name) {
      const auto found = product.node->attr().find(name);
      return found != product.node->attr().end() && found->second.b();
    };
    if (!product.Is({"MatMul"}) || transposed("transpose_a") || transposed("transpose_b"))
      return NotUnderstood("no projection", tensor);
    // tf.tensordot wraps the weights, too.
    GraphTensor factor = Unwrapped(nodes_.Input(product, 1));
    if (factor.Is({"Transpose"}) &&
        nodes_.Integers(nodes_.Input(factor, 1)) == std::vector<int64_t>{0, 1}) {
      factor = nodes_.Input(factor, 0);
    }
    MS_ASSIGN_OR_RETURN(Weights weights, Variable(factor, 2));
    MS_ASSIGN_OR_RETURN(const Value inputs, Visit(nodes_.Input(product, 0)));
    if (weights.shape[0] != SizeOf(inputs.slices))
      return NotUnderstood("weights that do not fit what they multiply", tensor);
    projection.inputs = inputs.slices;
    projection.size = static_cast<int>(weights.shape[1]);
    projection.weights = std::move(weights.values);
    if (!projection.bias.empty() &&
        projection.bias.size() != static_cast<size_t>(projection.size)) {
      return NotUnderstood("biases that do not fit", tensor);
    }
    return projection;
  }

  absl::StatusOr<Value> Linear(GraphTensor tensor) {
    MS_ASSIGN_OR_RETURN(Projection projection, Project(tensor));
    const int output = Allocate(projection.size);
    spec().layers.push_back(LinearLayer{std::move(projection.inputs), projection.size,
                                        std::move(projection.weights), std::move(projection.bias),
                                        output});
    return Computed(output, projection.size);
  }

  absl::StatusOr<Value> Sum(GraphTensor tensor) {
    SumLayer sum;
    MS_ASSIGN_OR_RETURN(const Value a, Visit(nodes_.Input(tensor, 0)));
    MS_ASSIGN_OR_RETURN(const Value b, Visit(nodes_.Input(tensor, 1)));
    const int size = SizeOf(a.slices);
    if (SizeOf(b.slices) != size) return NotUnderstood("a sum of different sizes", tensor);
    sum.a = a.slices;
    sum.b = b.slices;
    sum.output = Allocate(size);
    spec().layers.push_back(sum);
    return Computed(sum.output, size);
  }

  // c' = c sigmoid(f + bias) + sigmoid(i) tanh(j), where i, j, f and one more, o, are the parts of
  // a split.
  struct Cell {
    GraphTensor split;
    int input_gate = 0;
    int candidate = 0;
    int forget_gate = 0;
    float forget_bias = 0;
    GraphTensor cell;

    int output_gate() const { return 6 - input_gate - candidate - forget_gate; }
  };

  // Which part of a split `operation` of it is taken, for "Sigmoid" and "Tanh".
  GraphTensor PartUnder(GraphTensor tensor, absl::string_view operation) const {
    return tensor.Is({operation}) ? nodes_.Origin(nodes_.Input(tensor, 0)) : GraphTensor{};
  }

  std::optional<Cell> MatchCell(GraphTensor sum) const {
    for (const auto& [kept, added] : Operands(sum)) {
      if (!kept.Is({"Mul"}) || !added.Is({"Mul"})) continue;
      for (const auto& [input_gate, candidate] : Operands(added)) {
        const GraphTensor i = PartUnder(input_gate, "Sigmoid");
        const GraphTensor j = PartUnder(candidate, "Tanh");
        if (!i.Is({"Split"}) || !j.Is({"Split"}) || i.node != j.node) continue;
        for (const auto& [cell, forget_gate] : Operands(kept)) {
          GraphTensor f = PartUnder(forget_gate, "Sigmoid");
          float bias = 0;
          if (f.Is({"Add", "AddV2"})) {
            for (const auto& [part, number] : Operands(f)) {
              const std::optional<float> value = nodes_.Float(number);
              if (!value) continue;
              bias = *value;
              f = part;
              break;
            }
          }
          if (!f.Is({"Split"}) || f.node != i.node) continue;
          const Cell match{{i.node, 0}, i.index, j.index, f.index, bias, cell};
          const std::set<int> gates = {match.input_gate, match.candidate, match.forget_gate,
                                       match.output_gate()};
          if (gates == std::set<int>{0, 1, 2, 3}) return match;
        }
      }
    }
    return std::nullopt;
  }

  // What an LSTM computes.
  struct Lstm {
    Value cell;
    Value hidden;
  };

  // Adds an LSTM with gates from `projection` at the given parts.
  absl::StatusOr<Lstm> AddLstm(GraphTensor key, Projection projection,
                               const std::array<int, kGates>& parts, float forget_bias,
                               const Value& cell) {
    LstmLayer lstm;
    lstm.size = projection.size / kGates;
    if (projection.size != kGates * lstm.size || cell.slices.size() != 1 ||
        cell.slices[0].source != Slice::kState || cell.slices[0].size != lstm.size) {
      return NotUnderstood("an LSTM cell whose sizes do not fit", key);
    }
    lstm.inputs = std::move(projection.inputs);
    lstm.cell = cell.slices[0];
    lstm.weights = std::move(projection.weights);
    lstm.bias = std::move(projection.bias);
    lstm.bias.resize(projection.size);
    // In place, since fresh memory takes as long as reading the weights did, and seldom: Magenta's
    // cells have this order.
    if (parts != std::array<int, kGates>{0, 1, 2, 3}) {
      std::vector<float> row(projection.size);
      const auto reorder = [&](float* gates) {
        std::copy_n(gates, row.size(), row.begin());
        for (int gate = 0; gate < kGates; ++gate)
          std::copy_n(row.begin() + parts[gate] * lstm.size, lstm.size, gates + gate * lstm.size);
      };
      for (size_t i = 0; i < lstm.weights.size(); i += row.size()) reorder(&lstm.weights[i]);
      reorder(lstm.bias.data());
    }
    constexpr int kForgetGate = 2;
    for (int unit = 0; unit < lstm.size; ++unit)
      lstm.bias[kForgetGate * lstm.size + unit] += forget_bias;
    lstm.new_cell = Allocate(lstm.size);
    lstm.new_hidden = Allocate(lstm.size);
    const Lstm added{Computed(lstm.new_cell, lstm.size), Computed(lstm.new_hidden, lstm.size)};
    spec().layers.push_back(std::move(lstm));
    cells_.emplace(key, added);
    return added;
  }

  absl::StatusOr<Lstm> AddCell(GraphTensor sum, const Cell& cell) {
    const auto known = cells_.find(sum);
    if (known != cells_.end()) return known->second;
    if (NumSplits(cell.split) != kGates) return NotUnderstood("gates that are not four", sum);
    MS_ASSIGN_OR_RETURN(Projection projection, Project(nodes_.Input(cell.split, 1)));
    MS_ASSIGN_OR_RETURN(const Value before, Visit(cell.cell));
    return AddLstm(sum, std::move(projection),
                   {cell.input_gate, cell.candidate, cell.forget_gate, cell.output_gate()},
                   cell.forget_bias, before);
  }

  static int64_t NumSplits(GraphTensor split) {
    const auto found = split.node->attr().find("num_split");
    return found == split.node->attr().end() ? 0 : found->second.i();
  }

  // h' = tanh(c') sigmoid(o)
  absl::StatusOr<Value> HiddenValues(GraphTensor product) {
    for (const auto& [squashed, output_gate] : Operands(product)) {
      const GraphTensor sum = PartUnder(squashed, "Tanh");
      const GraphTensor o = PartUnder(output_gate, "Sigmoid");
      if (sum.node == nullptr || !o.Is({"Split"})) continue;
      const std::optional<Cell> cell = MatchCell(sum);
      if (!cell || cell->split.node != o.node || cell->output_gate() != o.index) continue;
      MS_ASSIGN_OR_RETURN(const Lstm lstm, AddCell(sum, *cell));
      return lstm.hidden;
    }
    return NotUnderstood("a product outside of an LSTM cell", product);
  }

  absl::StatusOr<Value> BlockCell(GraphTensor tensor) {
    enum Input { kX, kCell, kHidden, kWeights, kPeephole, kBias = 7 };
    constexpr int kNewCell = 1;
    constexpr int kNewHidden = 6;
    const auto& attributes = tensor.node->attr();
    const auto number = [&](const char* name, float default_value) {
      const auto found = attributes.find(name);
      return found == attributes.end() ? default_value : found->second.f();
    };
    const auto peephole = attributes.find("use_peephole");
    // Clips at 3 unless it is told otherwise.
    if ((peephole != attributes.end() && peephole->second.b()) || number("cell_clip", 3) > 0 ||
        (tensor.index != kNewCell && tensor.index != kNewHidden)) {
      return NotUnderstood("an LSTM cell with peepholes or clipping", tensor);
    }
    const GraphTensor key{tensor.node, 0};
    auto known = cells_.find(key);
    if (known == cells_.end()) {
      Projection projection;
      MS_ASSIGN_OR_RETURN(Weights weights, Variable(nodes_.Input(tensor, kWeights), 2));
      MS_ASSIGN_OR_RETURN(Weights bias, Variable(nodes_.Input(tensor, kBias), 1));
      MS_ASSIGN_OR_RETURN(const Value x, Visit(nodes_.Input(tensor, kX)));
      MS_ASSIGN_OR_RETURN(const Value hidden, Visit(nodes_.Input(tensor, kHidden)));
      MS_ASSIGN_OR_RETURN(const Value cell, Visit(nodes_.Input(tensor, kCell)));
      Append(x.slices, &projection.inputs);
      Append(hidden.slices, &projection.inputs);
      projection.size = static_cast<int>(weights.shape[1]);
      if (weights.shape[0] != SizeOf(projection.inputs) || bias.shape[0] != weights.shape[1])
        return NotUnderstood("weights that do not fit what they multiply", tensor);
      projection.weights = std::move(weights.values);
      projection.bias = std::move(bias.values);
      MS_RETURN_IF_ERROR(
          AddLstm(key, std::move(projection), {0, 1, 2, 3}, number("forget_bias", 1), cell)
              .status());
      known = cells_.find(key);
    }
    return tensor.index == kNewCell ? known->second.cell : known->second.hidden;
  }

  // sum_l softmax_l(sum_a v_a tanh((memory W)_la + query_a)) memory_l
  absl::StatusOr<Value> Attention(GraphTensor sum) {
    const auto sums_over = [&](GraphTensor tensor, const std::vector<int64_t>& axes) {
      return tensor.Is({"Sum"}) && nodes_.Integers(nodes_.Input(tensor, 1)) == axes;
    };
    if (!sums_over(sum, {1, 2})) return NotUnderstood("a sum outside of an attention", sum);
    const GraphTensor product = nodes_.Origin(nodes_.Input(sum, 0));
    if (!product.Is({"Mul"})) return NotUnderstood("a sum outside of an attention", sum);
    for (const auto& [weight, memory] : Operands(product)) {
      const GraphTensor softmax = Unwrapped(weight);
      if (!softmax.Is({"Softmax"})) continue;
      const GraphTensor scores = Unwrapped(nodes_.Input(softmax, 0));
      const GraphTensor scaled = nodes_.Origin(nodes_.Input(scores, 0));
      if (!sums_over(scores, {2, 3}) || !scaled.Is({"Mul"})) continue;
      for (const auto& [scale, squashed] : Operands(scaled)) {
        const GraphTensor added = PartUnder(squashed, "Tanh");
        if (!added.Is({"Add", "AddV2"})) continue;
        for (const auto& [keys, query] : Operands(added)) {
          if (keys.Is({"Conv2D"}) &&
              nodes_.Origin(nodes_.Input(keys, 0)) == nodes_.Origin(memory)) {
            return AddAttention(sum, memory, nodes_.Input(keys, 1), scale, query);
          }
        }
      }
    }
    return NotUnderstood("a sum outside of an attention", sum);
  }

  absl::StatusOr<Value> AddAttention(GraphTensor sum, GraphTensor memory, GraphTensor weights,
                                     GraphTensor scale, GraphTensor query) {
    AttentionLayer attention;
    MS_ASSIGN_OR_RETURN(const Value remembered, Visit(memory));
    MS_ASSIGN_OR_RETURN(Weights filter, Variable(weights, 4));
    MS_ASSIGN_OR_RETURN(Weights factors, Variable(scale, 1));
    MS_ASSIGN_OR_RETURN(const Value asked, Visit(query));
    const int64_t size = factors.shape[0];
    const int64_t memory_size = SizeOf(remembered.slices);
    if (size < 1 || filter.shape != std::vector<int64_t>{1, 1, size, size} ||
        remembered.slices.size() != 1 || remembered.slices[0].source != Slice::kState ||
        memory_size % size != 0 || asked.slices.size() != 1 || SizeOf(asked.slices) != size) {
      return NotUnderstood("an attention whose sizes do not fit", sum);
    }
    attention.memory = remembered.slices[0].offset;
    attention.size = static_cast<int>(size);
    attention.length = static_cast<int>(memory_size / size);
    attention.weights = std::move(filter.values);
    attention.scale = std::move(factors.values);
    attention.query = asked.slices[0];
    attention.output = Allocate(attention.size);
    const Value output = Computed(attention.output, attention.size);
    spec().layers.push_back(std::move(attention));
    return output;
  }

  const GraphNodes nodes_;
  const GraphTensor inputs_;
  const Checkpoint& checkpoint_;
  CompiledGraph compiled_;
  std::map<GraphTensor, Slice> states_;  // by the tensor that a state begins with
  std::map<GraphTensor, Value> values_;
  std::set<GraphTensor> open_;
  std::map<GraphTensor, Lstm> cells_;
  int num_visits_ = 0;
  int64_t weights_left_ = 0;  // how many more may be read
};

}  // namespace

absl::StatusOr<CompiledGraph> CompileEventRnn(const Bundle& bundle) {
  MS_ASSIGN_OR_RETURN(GraphSignature signature, ReadGraphSignature(bundle.metagraph));
  MS_ASSIGN_OR_RETURN(const std::vector<std::string> softmax, SoftmaxTensors(bundle.metagraph));
  return Compiler(bundle, std::move(signature)).EventRnn(softmax);
}

absl::StatusOr<CompiledGraph> CompileRnnNade(const Bundle& bundle) {
  MS_ASSIGN_OR_RETURN(GraphSignature signature, ReadGraphSignature(bundle.metagraph));
  return Compiler(bundle, std::move(signature)).RnnNade();
}

}  // namespace magenta_serving
