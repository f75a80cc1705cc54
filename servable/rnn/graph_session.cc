#include "servable/rnn/graph_session.h"

#include <algorithm>
#include <utility>

#include "servable/base/status.h"
#include "servable/rnn/memory_file.h"
#include "tensorflow/core/framework/tensor_shape.pb.h"
#include "tensorflow/core/protobuf/config.pb.h"
#include "tsl/platform/denormal.h"

namespace magenta_serving {
namespace {

using tensorflow::Tensor;
using tensorflow::TensorShape;

// Values of one row's state, some hundred times what Magenta makes, and of what goes into and out
// of a run.
constexpr size_t kMaxStateSize = 1 << 24;
constexpr int64_t kMaxRunSize = int64_t{1} << 28;

// TensorFlow's own errors about a graph or checkpoint are errors of the bundle.
absl::Status BundleError(absl::string_view doing, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("cannot ", doing, " the bundle's graph: ", status.message()));
}

const tensorflow::NodeDef* FindNode(const tensorflow::GraphDef& graph,
                                    absl::string_view tensor_name) {
  const absl::string_view node_name = tensor_name.substr(0, tensor_name.find(':'));
  for (const auto& node : graph.node()) {
    if (node.name() == node_name) return &node;
  }
  return nullptr;
}

// Graphs older than TensorFlow 1.0's say a placeholder's shape only in what was inferred for its
// output.
const tensorflow::TensorShapeProto& PlaceholderShape(const tensorflow::NodeDef& placeholder) {
  const tensorflow::TensorShapeProto& shape = placeholder.attr().at("shape").shape();
  const auto inferred = placeholder.attr().find("_output_shapes");
  if (shape.dim_size() > 0 || inferred == placeholder.attr().end() ||
      inferred->second.list().shape_size() != 1) {
    return shape;
  }
  return inferred->second.list().shape(0);
}

}  // namespace

std::vector<std::string> CollectionTensors(const tensorflow::MetaGraphDef& metagraph,
                                           const std::string& name) {
  const auto found = metagraph.collection_def().find(name);
  if (found == metagraph.collection_def().end()) return {};
  const auto& values = found->second.node_list().value();
  return {values.begin(), values.end()};
}

absl::StatusOr<std::string> OnlyTensorOf(const tensorflow::MetaGraphDef& metagraph,
                                         const std::string& name) {
  std::vector<std::string> names = CollectionTensors(metagraph, name);
  if (names.size() == 1) return std::move(names[0]);
  return NotAnEventRnn(
      absl::StrCat("its collection '", name, "' has ", names.size(), " tensors, not 1"));
}

absl::Status NotAnEventRnn(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the bundle's graph is not that of a Magenta event RNN: ", why));
}

absl::StatusOr<std::unique_ptr<GraphSession>> GraphSession::Create(
    const Bundle& bundle, int threads, std::vector<std::string> outputs,
    std::vector<Tensor>* first_step) {
  std::unique_ptr<GraphSession> graph(new GraphSession());
  MS_RETURN_IF_ERROR(graph->ReadInputs(bundle.metagraph));
  tensorflow::SessionOptions options;
  options.config.set_intra_op_parallelism_threads(threads);
  tensorflow::Session* session = nullptr;
  MS_RETURN_IF_ERROR(tensorflow::NewSession(options, &session));
  graph->session_.reset(session);
  MS_RETURN_IF_ERROR(BundleError("build", session->Create(bundle.metagraph.graph_def())));
  MS_RETURN_IF_ERROR(graph->Restore(bundle.metagraph, bundle.checkpoint));
  MS_RETURN_IF_ERROR(graph->ReadInitialState());
  MS_RETURN_IF_ERROR(graph->MakeStepCallable(outputs));
  MS_RETURN_IF_ERROR(graph->TakeFirstStep(first_step));
  return graph;
}

GraphSession::~GraphSession() {
  if (session_ == nullptr) return;
  if (step_callable_ >= 0) session_->ReleaseCallable(step_callable_).IgnoreError();
  session_->Close().IgnoreError();
}

absl::Status GraphSession::ReadInputs(const tensorflow::MetaGraphDef& metagraph) {
  MS_ASSIGN_OR_RETURN(inputs_name_, OnlyTensorOf(metagraph, "inputs"));
  const std::vector<std::string> temperature = CollectionTensors(metagraph, "temperature");
  if (!temperature.empty()) temperature_name_ = temperature[0];
  initial_state_names_ = CollectionTensors(metagraph, "initial_state");
  final_state_names_ = CollectionTensors(metagraph, "final_state");
  if (initial_state_names_.empty() || initial_state_names_.size() != final_state_names_.size()) {
    return NotAnEventRnn(absl::StrCat("it has ", initial_state_names_.size(), " initial and ",
                                      final_state_names_.size(), " final state tensors"));
  }

  const tensorflow::NodeDef* inputs = FindNode(metagraph.graph_def(), inputs_name_);
  if (inputs == nullptr || inputs->attr().count("shape") == 0) {
    return NotAnEventRnn(absl::StrCat("'", inputs_name_, "' is not a placeholder"));
  }
  const tensorflow::TensorShapeProto& shape = PlaceholderShape(*inputs);
  constexpr int kMaxSize = 1 << 16;
  if (shape.dim_size() != 3 || shape.dim(0).size() < 1 || shape.dim(0).size() > kMaxSize ||
      shape.dim(2).size() < 1 || shape.dim(2).size() > kMaxSize) {
    return NotAnEventRnn(absl::StrCat("its inputs have shape {", shape.ShortDebugString(),
                                      "}, not [batch, ?, size]"));
  }
  batch_size_ = static_cast<int>(shape.dim(0).size());
  input_size_ = static_cast<int>(shape.dim(2).size());
  return absl::OkStatus();
}

absl::Status GraphSession::Restore(const tensorflow::MetaGraphDef& metagraph,
                                   const std::string& checkpoint) {
  const tensorflow::SaverDef& saver = metagraph.saver_def();
  if (saver.restore_op_name().empty() || saver.filename_tensor_name().empty()) {
    return NotAnEventRnn("its metagraph has no saver");
  }
  MS_ASSIGN_OR_RETURN(const MemoryFile file, MemoryFile::Create(checkpoint));
  Tensor path(tensorflow::DT_STRING, TensorShape({}));
  path.scalar<tensorflow::tstring>()() = file.path();
  return BundleError("restore the checkpoint into",
                     session_->Run({{saver.filename_tensor_name(), path}}, {},
                                   {saver.restore_op_name()}, nullptr));
}

absl::Status GraphSession::ReadInitialState() {
  std::vector<Tensor> tensors;
  MS_RETURN_IF_ERROR(BundleError("start", session_->Run({}, initial_state_names_, {}, &tensors)));
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (tensor.dtype() != tensorflow::DT_FLOAT || tensor.dims() != 2 ||
        tensor.dim_size(0) != batch_size_ || tensor.dim_size(1) < 1) {
      return NotAnEventRnn(
          absl::StrCat("its state '", initial_state_names_[i], "' is ", tensor.DebugString(0)));
    }
    const auto row = tensor.matrix<float>();
    state_sizes_.push_back(static_cast<int>(tensor.dim_size(1)));
    initial_state_.insert(initial_state_.end(), &row(0, 0), &row(0, 0) + tensor.dim_size(1));
  }
  if (initial_state_.size() > kMaxStateSize) {
    return NotAnEventRnn(absl::StrCat("its state has ", initial_state_.size(), " values"));
  }
  if (int64_t{batch_size_} * (state_size() + input_size_) > kMaxRunSize) {
    return NotAnEventRnn(absl::StrCat("a step of its ", batch_size_, " rows has ", state_size(),
                                      " state and ", input_size_, " input values each"));
  }
  return absl::OkStatus();
}

absl::Status GraphSession::MakeStepCallable(const std::vector<std::string>& outputs) {
  tensorflow::CallableOptions options;
  options.add_feed(inputs_name_);
  for (const auto& name : initial_state_names_) options.add_feed(name);
  if (!temperature_name_.empty()) options.add_feed(temperature_name_);
  for (const auto& name : outputs) options.add_fetch(name);
  for (const auto& name : final_state_names_) options.add_fetch(name);
  // Runs the graph's operations on the calling thread: handing them to a pool costs more than these
  // small ones take.
  options.mutable_run_options()->set_inter_op_thread_pool(-1);
  return BundleError("prepare a step of", session_->MakeCallable(options, &step_callable_));
}

absl::Status GraphSession::TakeFirstStep(std::vector<Tensor>* outputs) {
  const std::vector<float> input(input_size_);
  std::vector<float> state = initial_state_;
  MS_RETURN_IF_ERROR(BundleError(
      "run a step of", Run({GraphRow{input, absl::MakeSpan(state)}}, 1, 1.0f, outputs)));
  step_size_ = int64_t{batch_size_} * input_size_;
  for (const Tensor& output : *outputs) step_size_ += output.NumElements();
  return absl::OkStatus();
}

std::vector<Tensor> GraphSession::Feeds(absl::Span<const GraphRow> rows, int num_steps,
                                        float temperature) const {
  const auto row_or_padding = [&](int i) -> const GraphRow& {
    return rows[std::min<size_t>(i, rows.size() - 1)];
  };
  std::vector<Tensor> feeds;
  feeds.reserve(2 + state_sizes_.size());
  Tensor& inputs =
      feeds.emplace_back(tensorflow::DT_FLOAT, TensorShape({batch_size_, num_steps, input_size_}));
  const size_t row_inputs = static_cast<size_t>(num_steps) * input_size_;
  for (int i = 0; i < batch_size_; ++i) {
    std::copy_n(row_or_padding(i).inputs.data(), row_inputs,
                inputs.flat<float>().data() + i * row_inputs);
  }
  size_t offset = 0;
  for (const int size : state_sizes_) {
    Tensor& state = feeds.emplace_back(tensorflow::DT_FLOAT, TensorShape({batch_size_, size}));
    for (int i = 0; i < batch_size_; ++i) {
      std::copy_n(row_or_padding(i).state.data() + offset, size,
                  state.flat<float>().data() + static_cast<size_t>(i) * size);
    }
    offset += size;
  }
  if (!temperature_name_.empty()) feeds.emplace_back(temperature);
  return feeds;
}

absl::StatusOr<std::vector<Tensor>> GraphSession::Read(
    const std::vector<std::string>& tensors) const {
  std::vector<Tensor> values;
  MS_RETURN_IF_ERROR(BundleError("read", session_->Run({}, tensors, {}, &values)));
  return values;
}

absl::Status GraphSession::Run(absl::Span<const GraphRow> rows, int num_steps, float temperature,
                               std::vector<Tensor>* outputs) const {
  if (num_steps > kMaxRunSize / step_size_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a run of ", num_steps, " events is too long for this bundle, whose graph makes ",
        batch_size_, " rows and ", step_size_, " values of each"));
  }
  const std::vector<Tensor> feeds = Feeds(rows, num_steps, temperature);

  // TensorFlow's own threads do this, where Magenta's steps run: a vanishing gate is 0 there, and
  // must be on this thread.
  const tsl::port::ScopedFlushDenormal flush;
  const absl::Status status = session_->RunCallable(step_callable_, feeds, outputs, nullptr);
  if (!status.ok()) return absl::InternalError(absl::StrCat("step failed: ", status.message()));

  const size_t num_outputs = outputs->size() - state_sizes_.size();
  size_t offset = 0;
  for (size_t s = 0; s < state_sizes_.size(); ++s) {
    const Tensor& state = (*outputs)[num_outputs + s];
    if (state.dtype() != tensorflow::DT_FLOAT || state.dims() != 2 ||
        state.dim_size(0) < batch_size_ || state.dim_size(1) != state_sizes_[s]) {
      return absl::InternalError(
          absl::StrCat("the graph gave a state of shape ", state.shape().DebugString()));
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(state.flat<float>().data() + i * state_sizes_[s], state_sizes_[s],
                  rows[i].state.data() + offset);
    }
    offset += state_sizes_[s];
  }
  outputs->resize(num_outputs);
  return absl::OkStatus();
}

}  // namespace magenta_serving
