#include "servable/rnn/session_step_model.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "servable/base/status.h"
#include "tensorflow/core/framework/tensor_shape.pb.h"
#include "tensorflow/core/framework/tensor_util.h"
#include "tensorflow/core/protobuf/config.pb.h"
#include "tsl/platform/denormal.h"

namespace magenta_serving {
namespace {

using tensorflow::Tensor;
using tensorflow::TensorShape;

// An anonymous file in memory that TensorFlow can open by path: restoring needs a file, and this
// one vanishes with the process, however that ends.
class MemoryFile {
 public:
  static absl::StatusOr<MemoryFile> Create(const std::string& contents) {
    MemoryFile file;
    file.descriptor_ = memfd_create("magenta_checkpoint", MFD_CLOEXEC);
    if (file.descriptor_ < 0)
      return absl::ResourceExhaustedError(absl::StrCat("memfd_create: ", std::strerror(errno)));
    for (size_t written = 0; written < contents.size();) {
      const ssize_t n =
          write(file.descriptor_, contents.data() + written, contents.size() - written);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0)
        return absl::ResourceExhaustedError(
            absl::StrCat("cannot hold checkpoint: ", std::strerror(errno)));
      written += static_cast<size_t>(n);
    }
    return file;
  }
  MemoryFile(MemoryFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  std::string path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

 private:
  MemoryFile() = default;
  int descriptor_ = -1;
};

// Values of one row's state, and of all rows' state and input: some hundred times what Magenta
// makes.
constexpr size_t kMaxStateSize = 1 << 24;
constexpr int64_t kMaxRunSize = int64_t{1} << 28;

absl::Status NotAnEventRnn(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the bundle's graph is not that of a Magenta event RNN: ", why));
}

// TensorFlow's own errors about a graph or checkpoint are errors of the bundle.
absl::Status BundleError(absl::string_view doing, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("cannot ", doing, " the bundle's graph: ", status.message()));
}

std::vector<std::string> Collection(const tensorflow::MetaGraphDef& metagraph,
                                    const std::string& name) {
  const auto found = metagraph.collection_def().find(name);
  if (found == metagraph.collection_def().end()) return {};
  const auto& values = found->second.node_list().value();
  return {values.begin(), values.end()};
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

absl::StatusOr<std::unique_ptr<SessionStepModel>> SessionStepModel::Create(const Bundle& bundle,
                                                                           int threads) {
  std::unique_ptr<SessionStepModel> model(new SessionStepModel());
  MS_RETURN_IF_ERROR(model->ReadCollections(bundle.metagraph));
  tensorflow::SessionOptions options;
  options.config.set_intra_op_parallelism_threads(threads);
  tensorflow::Session* session = nullptr;
  MS_RETURN_IF_ERROR(tensorflow::NewSession(options, &session));
  model->session_.reset(session);
  MS_RETURN_IF_ERROR(BundleError("build", session->Create(bundle.metagraph.graph_def())));
  MS_RETURN_IF_ERROR(model->Restore(bundle.metagraph, bundle.checkpoint));
  MS_RETURN_IF_ERROR(model->ReadInitialState());
  MS_RETURN_IF_ERROR(model->MakeStepCallable());
  MS_RETURN_IF_ERROR(model->MeasureSoftmax());
  return model;
}

SessionStepModel::~SessionStepModel() {
  if (session_ == nullptr) return;
  if (step_callable_ >= 0) session_->ReleaseCallable(step_callable_).IgnoreError();
  session_->Close().IgnoreError();
}

absl::Status SessionStepModel::ReadCollections(const tensorflow::MetaGraphDef& metagraph) {
  const auto one = [&](const std::string& name, std::string* tensor) -> absl::Status {
    const std::vector<std::string> names = Collection(metagraph, name);
    if (names.size() != 1) {
      return NotAnEventRnn(
          absl::StrCat("its collection '", name, "' has ", names.size(), " tensors, not 1"));
    }
    *tensor = names[0];
    return absl::OkStatus();
  };
  MS_RETURN_IF_ERROR(one("inputs", &inputs_name_));
  MS_RETURN_IF_ERROR(one("softmax", &softmax_name_));
  const std::vector<std::string> temperature = Collection(metagraph, "temperature");
  if (!temperature.empty()) temperature_name_ = temperature[0];
  initial_state_names_ = Collection(metagraph, "initial_state");
  final_state_names_ = Collection(metagraph, "final_state");
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
  shape_.batch_size = static_cast<int>(shape.dim(0).size());
  shape_.input_size = static_cast<int>(shape.dim(2).size());
  return absl::OkStatus();
}

absl::Status SessionStepModel::Restore(const tensorflow::MetaGraphDef& metagraph,
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

absl::Status SessionStepModel::ReadInitialState() {
  std::vector<Tensor> tensors;
  MS_RETURN_IF_ERROR(BundleError("start", session_->Run({}, initial_state_names_, {}, &tensors)));
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (tensor.dtype() != tensorflow::DT_FLOAT || tensor.dims() != 2 ||
        tensor.dim_size(0) != shape_.batch_size || tensor.dim_size(1) < 1) {
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
  shape_.state_size = static_cast<int>(initial_state_.size());
  if (int64_t{shape_.batch_size} * (shape_.state_size + shape_.input_size) > kMaxRunSize) {
    return NotAnEventRnn(absl::StrCat("a step of its ", shape_.batch_size, " rows has ",
                                      shape_.state_size, " state and ", shape_.input_size,
                                      " input values each"));
  }
  return absl::OkStatus();
}

absl::Status SessionStepModel::MakeStepCallable() {
  tensorflow::CallableOptions options;
  options.add_feed(inputs_name_);
  for (const auto& name : initial_state_names_) options.add_feed(name);
  if (!temperature_name_.empty()) options.add_feed(temperature_name_);
  options.add_fetch(softmax_name_);
  for (const auto& name : final_state_names_) options.add_fetch(name);
  // Runs the graph's operations on the calling thread: handing them to a pool costs more than these
  // small ones take.
  options.mutable_run_options()->set_inter_op_thread_pool(-1);
  return BundleError("prepare a step of", session_->MakeCallable(options, &step_callable_));
}

absl::Status SessionStepModel::MeasureSoftmax() {
  const std::vector<float> input(shape_.input_size);
  std::vector<float> state = initial_state_;
  std::vector<Tensor> fetched;
  MS_RETURN_IF_ERROR(BundleError(
      "run a step of", Fetch({StepRow{input, absl::MakeSpan(state), {}}}, 1, 1.0f, &fetched)));
  const Tensor& softmax = fetched[0];
  if (softmax.dtype() != tensorflow::DT_FLOAT || softmax.dims() != 3 ||
      softmax.dim_size(0) != shape_.batch_size || softmax.dim_size(1) != 1 ||
      softmax.dim_size(2) < 1) {
    return NotAnEventRnn(absl::StrCat("its softmax after one step is ", softmax.DebugString(0)));
  }
  shape_.num_classes = static_cast<int>(softmax.dim_size(2));
  return absl::OkStatus();
}

absl::Status SessionStepModel::Step(absl::Span<const StepRow> rows, int num_steps,
                                    float temperature) const {
  while (!rows.empty()) {
    const size_t count = std::min<size_t>(rows.size(), shape_.batch_size);
    MS_RETURN_IF_ERROR(Run(rows.subspan(0, count), num_steps, temperature));
    rows.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status SessionStepModel::Fetch(absl::Span<const StepRow> rows, int num_steps,
                                     float temperature, std::vector<Tensor>* fetched) const {
  const int batch = shape_.batch_size;
  const auto row_or_padding = [&](int i) -> const StepRow& {
    return rows[std::min<size_t>(i, rows.size() - 1)];
  };

  std::vector<Tensor> feeds;
  feeds.reserve(2 + state_sizes_.size());
  Tensor& inputs =
      feeds.emplace_back(tensorflow::DT_FLOAT, TensorShape({batch, num_steps, shape_.input_size}));
  const size_t row_inputs = static_cast<size_t>(num_steps) * shape_.input_size;
  for (int i = 0; i < batch; ++i) {
    std::copy_n(row_or_padding(i).inputs.data(), row_inputs,
                inputs.flat<float>().data() + i * row_inputs);
  }
  size_t offset = 0;
  for (const int size : state_sizes_) {
    Tensor& state = feeds.emplace_back(tensorflow::DT_FLOAT, TensorShape({batch, size}));
    for (int i = 0; i < batch; ++i) {
      std::copy_n(row_or_padding(i).state.data() + offset, size,
                  state.flat<float>().data() + static_cast<size_t>(i) * size);
    }
    offset += size;
  }
  if (!temperature_name_.empty()) feeds.emplace_back(temperature);

  // TensorFlow's own threads do this, where Magenta's steps run: a vanishing gate is 0 there, and
  // must be on this thread.
  const tsl::port::ScopedFlushDenormal flush;
  const absl::Status status = session_->RunCallable(step_callable_, feeds, fetched, nullptr);
  if (!status.ok()) return absl::InternalError(absl::StrCat("step failed: ", status.message()));
  for (size_t i = 0; i < state_sizes_.size(); ++i) {
    const Tensor& state = (*fetched)[1 + i];
    if (state.dtype() != tensorflow::DT_FLOAT ||
        state.shape() != TensorShape({batch, state_sizes_[i]})) {
      return absl::InternalError(
          absl::StrCat("the graph gave a state of shape ", state.shape().DebugString()));
    }
  }
  return absl::OkStatus();
}

absl::Status SessionStepModel::Run(absl::Span<const StepRow> rows, int num_steps,
                                   float temperature) const {
  std::vector<Tensor> fetched;
  MS_RETURN_IF_ERROR(Fetch(rows, num_steps, temperature, &fetched));
  const Tensor& softmax = fetched[0];
  if (softmax.shape() != TensorShape({shape_.batch_size, num_steps, shape_.num_classes})) {
    return absl::InternalError(
        absl::StrCat("the graph gave a softmax of shape ", softmax.shape().DebugString()));
  }
  const size_t row_softmax = static_cast<size_t>(num_steps) * shape_.num_classes;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(softmax.flat<float>().data() + i * row_softmax, row_softmax,
                rows[i].softmax.data());
  }
  size_t offset = 0;
  for (size_t s = 0; s < state_sizes_.size(); ++s) {
    const Tensor& state = fetched[1 + s];
    for (size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(state.flat<float>().data() + i * state_sizes_[s], state_sizes_[s],
                  rows[i].state.data() + offset);
    }
    offset += state_sizes_[s];
  }
  return absl::OkStatus();
}

}  // namespace magenta_serving
