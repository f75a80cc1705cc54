#include "servable/rnn/graph_session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "servable/base/status.h"
#include "servable/bundle/graph_arrays.h"
#include "servable/rnn/memory_file.h"
#include "tensorflow/core/protobuf/config.pb.h"
#include "tsl/platform/denormal.h"

namespace magenta_serving {
namespace {

using tensorflow::Tensor;
using tensorflow::TensorShape;

// Values of one row's state, some hundred times what Magenta makes, and of what goes into and out
// of a run.
constexpr size_t kMaxStateSize = 1 << 22;
constexpr int64_t kMaxRunSize = int64_t{1} << 28;

// What the tensors of a session may take beside some copies of the variables: for the first steps,
// which are of one event, and for runs of kMaxRunSize.
constexpr size_t kMaxLoadBytes = size_t{512} << 20;
constexpr size_t kMaxServeBytes = size_t{8} << 30;
constexpr size_t kCopies = 4;

// How long a run may take: thousands of times what Magenta's graphs do.
constexpr std::chrono::seconds kMaxRunTime(20);
constexpr std::chrono::seconds kMaxStepTime(1);

// TensorFlow's own errors about a graph or checkpoint are errors of the bundle.
absl::Status BundleError(absl::string_view doing, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("cannot ", doing, " the bundle's graph: ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GraphSession>> GraphSession::Create(
    const Bundle& bundle, int threads, bool will_serve, std::vector<std::string> outputs,
    std::vector<Tensor>* first_step) {
  // Optimising computes constants where no bound holds, so the graph shows first what it takes.
  if (will_serve) {
    std::vector<Tensor> tried;
    MS_RETURN_IF_ERROR(Create(bundle, threads, /*will_serve=*/false, outputs, &tried).status());
  }
  std::unique_ptr<GraphSession> graph(new GraphSession());
  MS_ASSIGN_OR_RETURN(graph->signature_, ReadGraphSignature(bundle.metagraph));
  tensorflow::SessionOptions options;
  options.config.set_intra_op_parallelism_threads(threads);
  if (!will_serve) {
    auto* graph_options = options.config.mutable_graph_options();
    graph_options->mutable_rewrite_options()->set_disable_meta_optimizer(true);
    graph_options->mutable_optimizer_options()->set_opt_level(tensorflow::OptimizerOptions::L0);
  }
  const size_t variables = kCopies * bundle.checkpoint_file.size();
  graph->session_ = std::make_unique<BoundedSession>(options, kMaxLoadBytes + variables);
  tensorflow::GraphDef graph_def = bundle.metagraph.graph_def();
  BoundArrays(&graph_def);
  MS_RETURN_IF_ERROR(BundleError("build", graph->session_->Create(graph_def)));
  MS_RETURN_IF_ERROR(graph->Restore(bundle.metagraph, bundle.checkpoint_file));
  MS_RETURN_IF_ERROR(graph->ReadInitialState());
  MS_RETURN_IF_ERROR(graph->MakeStepCallable(outputs));
  MS_RETURN_IF_ERROR(graph->TakeFirstStep(first_step));
  graph->session_->set_max_bytes(kMaxServeBytes + variables);
  return graph;
}

absl::Status GraphSession::Restore(const tensorflow::MetaGraphDef& metagraph,
                                   absl::string_view checkpoint) {
  const tensorflow::SaverDef& saver = metagraph.saver_def();
  if (saver.restore_op_name().empty() || saver.filename_tensor_name().empty()) {
    return NotAnEventRnn("its metagraph has no saver");
  }
  MS_ASSIGN_OR_RETURN(const MemoryFile file, MemoryFile::Create(checkpoint));
  Tensor path(tensorflow::DT_STRING, TensorShape({}));
  path.scalar<tensorflow::tstring>()() = file.path();
  return BundleError("restore the checkpoint into",
                     session_->Run({{saver.filename_tensor_name(), path}}, {},
                                   {saver.restore_op_name()}, nullptr, kMaxRunTime));
}

absl::Status GraphSession::ReadInitialState() {
  std::vector<Tensor> tensors;
  MS_RETURN_IF_ERROR(BundleError(
      "start", session_->Run({}, signature_.initial_state, {}, &tensors, kMaxRunTime)));
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (tensor.dtype() != tensorflow::DT_FLOAT || tensor.dims() != 2 ||
        tensor.dim_size(0) != signature_.batch_size || tensor.dim_size(1) < 1) {
      return NotAnEventRnn(
          absl::StrCat("its state '", signature_.initial_state[i], "' is ", tensor.DebugString(0)));
    }
    // Before it is copied: many states may share one buffer.
    const size_t size = initial_state_.size() + tensor.dim_size(1);
    if (size > kMaxStateSize)
      return NotAnEventRnn(absl::StrCat("its state has ", size, " values or more"));
    const auto row = tensor.matrix<float>();
    state_sizes_.push_back(static_cast<int>(tensor.dim_size(1)));
    initial_state_.insert(initial_state_.end(), &row(0, 0), &row(0, 0) + tensor.dim_size(1));
  }
  if (int64_t{signature_.batch_size} * (state_size() + signature_.input_size) > kMaxRunSize) {
    return NotAnEventRnn(absl::StrCat("a step of its ", signature_.batch_size, " rows has ", state_size(),
                                      " state and ", signature_.input_size, " input values each"));
  }
  return absl::OkStatus();
}

absl::Status GraphSession::MakeStepCallable(const std::vector<std::string>& outputs) {
  tensorflow::CallableOptions options;
  options.add_feed(signature_.inputs);
  for (const auto& name : signature_.initial_state) options.add_feed(name);
  if (!signature_.temperature.empty()) options.add_feed(signature_.temperature);
  for (const auto& name : outputs) options.add_fetch(name);
  for (const auto& name : signature_.final_state) options.add_fetch(name);
  // Runs the graph's operations on the calling thread: handing them to a pool costs more than these
  // small ones take.
  options.mutable_run_options()->set_inter_op_thread_pool(-1);
  return BundleError("prepare a step of", session_->MakeCallable(options, &step_callable_));
}

absl::Status GraphSession::TakeFirstStep(std::vector<Tensor>* outputs) {
  const std::vector<float> input(signature_.input_size);
  std::vector<float> state = initial_state_;
  MS_RETURN_IF_ERROR(BundleError(
      "run a step of", Run({GraphRow{input, absl::MakeSpan(state)}}, 1, 1.0f, outputs)));
  step_size_ = int64_t{signature_.batch_size} * signature_.input_size;
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
      feeds.emplace_back(tensorflow::DT_FLOAT, TensorShape({signature_.batch_size, num_steps, signature_.input_size}));
  const size_t row_inputs = static_cast<size_t>(num_steps) * signature_.input_size;
  for (int i = 0; i < signature_.batch_size; ++i) {
    std::copy_n(row_or_padding(i).inputs.data(), row_inputs,
                inputs.flat<float>().data() + i * row_inputs);
  }
  size_t offset = 0;
  for (const int size : state_sizes_) {
    Tensor& state = feeds.emplace_back(tensorflow::DT_FLOAT, TensorShape({signature_.batch_size, size}));
    for (int i = 0; i < signature_.batch_size; ++i) {
      std::copy_n(row_or_padding(i).state.data() + offset, size,
                  state.flat<float>().data() + static_cast<size_t>(i) * size);
    }
    offset += size;
  }
  if (!signature_.temperature.empty()) feeds.emplace_back(temperature);
  return feeds;
}

absl::StatusOr<std::vector<Tensor>> GraphSession::Read(
    const std::vector<std::string>& tensors) const {
  std::vector<Tensor> values;
  MS_RETURN_IF_ERROR(BundleError("read", session_->Run({}, tensors, {}, &values, kMaxRunTime)));
  return values;
}

absl::Status GraphSession::Run(absl::Span<const GraphRow> rows, int num_steps, float temperature,
                               std::vector<Tensor>* outputs) const {
  if (num_steps > kMaxRunSize / step_size_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a run of ", num_steps, " events is too long for this bundle, whose graph makes ",
        signature_.batch_size, " rows and ", step_size_, " values of each"));
  }
  const std::vector<Tensor> feeds = Feeds(rows, num_steps, temperature);

  // TensorFlow's own threads do this, where Magenta's steps run: a vanishing gate is 0 there, and
  // must be on this thread.
  const tsl::port::ScopedFlushDenormal flush;
  const absl::Status status = session_->RunCallable(
      step_callable_, feeds, outputs, kMaxRunTime + num_steps * kMaxStepTime);
  if (absl::IsResourceExhausted(status)) return status;
  if (!status.ok()) return absl::InternalError(absl::StrCat("step failed: ", status.message()));

  const size_t num_outputs = outputs->size() - state_sizes_.size();
  size_t offset = 0;
  for (size_t s = 0; s < state_sizes_.size(); ++s) {
    const Tensor& state = (*outputs)[num_outputs + s];
    if (state.dtype() != tensorflow::DT_FLOAT || state.dims() != 2 ||
        state.dim_size(0) < signature_.batch_size || state.dim_size(1) != state_sizes_[s]) {
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
