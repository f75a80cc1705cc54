#include "servable/serving/servable.h"

#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <random>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "servable/base/status.h"
#include "servable/generation/generator_registry.h"
#include "servable/generation/numpy_random.h"
#include "servable/generation/primer.h"
#include "servable/music/midi_writer.h"
#include "servable/serving/requests.h"

namespace magenta_serving {
namespace {

using tensorflow::Tensor;
using tensorflow::TensorShape;
using tensorflow::tstring;

// The first of `count` seeds: the one given, or a drawn one if that is -1.
absl::StatusOr<int64_t> FirstSeed(int64_t given, int64_t count) {
  const int64_t highest = kMaxSeed - (count - 1);
  if (given == -1) {
    std::random_device device;
    return std::uniform_int_distribution<int64_t>(0, highest)(device);
  }
  if (given >= 0 && given <= highest) return given;
  return absl::InvalidArgumentError(absl::StrCat(
      "seed is ", given, "; it must be -1 or from 0 to ", highest,
      count > 1 ? absl::StrCat(" (output i has the seed seed + i, and seeds end at ", kMaxSeed, ")")
                : ""));
}

// Protobuf's bytes with map entries in order, so that equal sequences have equal bytes.
std::string Serialize(const NoteSequence& sequence) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    sequence.SerializeToCodedStream(&coded);
  }
  return bytes;
}

absl::StatusOr<std::string> ToJson(const NoteSequence& sequence) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(sequence, &json);
  if (!status.ok())
    return absl::InternalError(absl::StrCat("cannot write JSON: ", status.ToString()));
  return json;
}

// The outputs of a request: [num_rows, ...] tensors that are handed out without the first dimension
// if nothing was batched.
class Outputs {
 public:
  Outputs(const Signature& signature, const std::vector<std::string>& filter,
          const Request& request)
      : signature_(signature), filter_(filter), request_(request) {}

  bool Wants(const std::string& name) const {
    return filter_.empty() || std::find(filter_.begin(), filter_.end(), name) != filter_.end();
  }

  // Makes the output `name`, [num_rows] or [num_rows, inner], with zeros in it.
  void Allocate(const std::string& name, int64_t inner = -1) {
    const auto spec = std::find_if(signature_.outputs.begin(), signature_.outputs.end(),
                                   [&](const OutputSpec& output) { return output.name == name; });
    if (!Wants(name)) return;
    TensorShape shape;
    if (request_.batched) shape.AddDim(static_cast<int64_t>(request_.rows.size()));
    if (inner >= 0) shape.AddDim(inner);
    Tensor& tensor = tensors_[name] = Tensor(spec->dtype, shape);
    if (spec->dtype != tensorflow::DT_STRING)
      std::fill_n(static_cast<char*>(tensor.data()), tensor.TotalBytes(), 0);
  }

  // Sets element `index` of `name`, counted over all dimensions, if that output is wanted.
  template <typename T>
  void Set(const std::string& name, int64_t index, const T& value) {
    const auto found = tensors_.find(name);
    if (found != tensors_.end()) found->second.flat<T>()(index) = value;
  }

  TensorMap Take() { return std::move(tensors_); }

 private:
  const Signature& signature_;
  const std::vector<std::string>& filter_;
  const Request& request_;
  TensorMap tensors_;
};

absl::Status SetSequence(const NoteSequence& sequence, int64_t index, Outputs* outputs) {
  if (outputs->Wants("sequence_bytes"))
    outputs->Set<tstring>("sequence_bytes", index, Serialize(sequence));
  if (outputs->Wants("midi_bytes")) {
    MS_ASSIGN_OR_RETURN(const std::string midi, NoteSequenceToMidi(sequence));
    outputs->Set<tstring>("midi_bytes", index, midi);
  }
  if (outputs->Wants("sequence_json")) {
    MS_ASSIGN_OR_RETURN(const std::string json, ToJson(sequence));
    outputs->Set<tstring>("sequence_json", index, json);
  }
  return absl::OkStatus();
}

// Gives what the process has freed back to the system when it goes: loading a bundle takes several
// times the memory that the loaded one needs, which the C library would keep.
struct FreeMemoryReturned {
  ~FreeMemoryReturned() {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
  }
};

// Makes results for tasks 0 to count - 1, together where there is a batcher.
class Tasks {
 public:
  Tasks(StepBatcher* batcher, const CallContext& context) : batcher_(batcher), context_(context) {}

  using Make = std::function<absl::Status(int64_t task, const CallContext& context)>;

  // The first error in the order of tasks.
  absl::Status Run(int64_t count, const Make& make) const {
    if (batcher_ == nullptr) {
      for (int64_t i = 0; i < count; ++i) MS_RETURN_IF_ERROR(make(i, context_));
      return absl::OkStatus();
    }
    // Tasks run on several threads: each counts for itself.
    std::vector<absl::Status> statuses(count);
    std::vector<Usage> usages(count);
    std::vector<std::function<void()>> functions;
    for (int64_t i = 0; i < count; ++i) {
      functions.push_back([&, i] {
        CallContext context = context_;
        context.usage = &usages[i];
        statuses[i] = make(i, context);
      });
    }
    MS_RETURN_IF_ERROR(batcher_->Run(std::move(functions)));
    for (const Usage& usage : usages) {
      if (context_.usage != nullptr) context_.usage->Add(usage);
    }
    for (const absl::Status& status : statuses) MS_RETURN_IF_ERROR(status);
    return absl::OkStatus();
  }

 private:
  StepBatcher* const batcher_;
  const CallContext& context_;
};

absl::Status RunGenerate(const Generator& generator, const Request& request,
                         const CallContext& context, const Tasks& tasks, Outputs* outputs) {
  const int64_t num_rows = static_cast<int64_t>(request.rows.size());
  const int64_t num_outputs = request.rows[0].Get<int32_t>("num_outputs");
  for (const Arguments& row : request.rows) {
    if (row.Get<int32_t>("num_outputs") != num_outputs) {
      return absl::InvalidArgumentError("num_outputs must be the same in all rows of a request");
    }
  }
  if (num_outputs < 1 || num_outputs > context.limits.max_outputs / num_rows) {
    return absl::InvalidArgumentError(
        absl::StrCat("num_outputs is ", num_outputs, "; with ", num_rows,
                     " rows it must be from 1 to ", context.limits.max_outputs / num_rows,
                     " (max_outputs is ", context.limits.max_outputs, ")"));
  }
  for (const char* name :
       {"sequence_bytes", "midi_bytes", "sequence_json", "log_likelihood", "seed"}) {
    outputs->Allocate(name, num_outputs);
  }
  std::vector<int64_t> seeds;
  std::vector<GeneratorInput> inputs;
  for (const Arguments& row : request.rows) {
    MS_ASSIGN_OR_RETURN(const int64_t first, FirstSeed(row.Get<int64_t>("seed"), num_outputs));
    seeds.push_back(first);
    MS_RETURN_IF_ERROR(context.CheckWanted());
    MS_ASSIGN_OR_RETURN(GeneratorInput input, generator.MakeInput(row, context));
    inputs.push_back(std::move(input));
  }
  std::vector<Generation> generations(num_rows * num_outputs);
  MS_RETURN_IF_ERROR(tasks.Run(
      num_rows * num_outputs, [&](int64_t task, const CallContext& context) -> absl::Status {
        const int64_t row = task / num_outputs;
        NumpyRandom random(static_cast<uint32_t>(seeds[row] + task % num_outputs));
        MS_ASSIGN_OR_RETURN(
            generations[task],
            generator.Generate(inputs[row].sequence, inputs[row].options, &random, context));
        MS_RETURN_IF_ERROR(generator.Finish(request.rows[row], &generations[task].sequence));
        context.CountSequence();
        return absl::OkStatus();
      }));
  for (int64_t i = 0; i < num_rows * num_outputs; ++i) {
    MS_RETURN_IF_ERROR(context.CheckWanted());
    MS_RETURN_IF_ERROR(SetSequence(generations[i].sequence, i, outputs));
    outputs->Set<float>("log_likelihood", i, generations[i].log_likelihood);
    outputs->Set<int64_t>("seed", i, seeds[i / num_outputs] + i % num_outputs);
  }
  return absl::OkStatus();
}

absl::Status RunGenerateSequence(const Generator& generator, const Request& request,
                                 const Tasks& tasks, Outputs* outputs) {
  for (const char* name : {"generated_sequence_bytes", "log_likelihood", "seed"})
    outputs->Allocate(name);
  std::vector<int64_t> seeds;
  std::vector<GeneratorInput> inputs(request.rows.size());
  for (size_t row = 0; row < request.rows.size(); ++row) {
    const Arguments& arguments = request.rows[row];
    const std::string& options_bytes = arguments.Get<std::string>("generator_options_bytes");
    MS_ASSIGN_OR_RETURN(inputs[row].sequence,
                        ParseNoteSequence("input_sequence_bytes",
                                          arguments.Get<std::string>("input_sequence_bytes")));
    if (!inputs[row].options.ParseFromString(options_bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("generator_options_bytes: ", options_bytes.size(),
                       " bytes that are not serialized GeneratorOptions"));
    }
    MS_ASSIGN_OR_RETURN(const int64_t seed, FirstSeed(arguments.Get<int64_t>("seed"), 1));
    seeds.push_back(seed);
  }
  std::vector<Generation> generations(inputs.size());
  MS_RETURN_IF_ERROR(tasks.Run(static_cast<int64_t>(inputs.size()),
                               [&](int64_t row, const CallContext& context) -> absl::Status {
                                 NumpyRandom random(static_cast<uint32_t>(seeds[row]));
                                 MS_ASSIGN_OR_RETURN(
                                     generations[row],
                                     generator.Generate(inputs[row].sequence, inputs[row].options,
                                                        &random, context));
                                 context.CountSequence();
                                 return absl::OkStatus();
                               }));
  for (size_t row = 0; row < inputs.size(); ++row) {
    outputs->Set<tstring>("generated_sequence_bytes", row, Serialize(generations[row].sequence));
    outputs->Set<float>("log_likelihood", row, generations[row].log_likelihood);
    outputs->Set<int64_t>("seed", row, seeds[row]);
  }
  return absl::OkStatus();
}

absl::Status RunScore(const Generator& generator, const Request& request, const Tasks& tasks,
                      Outputs* outputs) {
  std::vector<SequenceScore> scores(request.rows.size());
  MS_RETURN_IF_ERROR(tasks.Run(static_cast<int64_t>(scores.size()),
                               [&](int64_t row, const CallContext& context) -> absl::Status {
                                 MS_ASSIGN_OR_RETURN(scores[row],
                                                     generator.Score(request.rows[row], context));
                                 return absl::OkStatus();
                               }));
  int64_t most_events = 0;
  for (const SequenceScore& score : scores)
    most_events = std::max<int64_t>(most_events, score.event_log_likelihoods.size());
  outputs->Allocate("log_likelihood");
  outputs->Allocate("event_log_likelihoods", most_events);
  outputs->Allocate("num_events");
  for (size_t row = 0; row < scores.size(); ++row) {
    const std::vector<double>& events = scores[row].event_log_likelihoods;
    outputs->Set<float>("log_likelihood", row, static_cast<float>(scores[row].log_likelihood));
    for (size_t i = 0; i < events.size(); ++i)
      outputs->Set("event_log_likelihoods", row * most_events + i, static_cast<float>(events[i]));
    outputs->Set<int32_t>("num_events", row, static_cast<int32_t>(events.size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> EstimateRamBytes(const std::string& path) {
  // A session holds the weights, the graph and buffers of a step: 2 to 5 times the file was
  // measured for bundles of 0.3 to 1.5 MB, attention models taking most.
  constexpr int64_t kBytesPerFileByte = 6;
  MS_ASSIGN_OR_RETURN(const std::string file, ResolveBundlePath(path));
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return absl::NotFoundError(absl::StrCat(file, ": ", error.message()));
  return kBytesPerFileByte * static_cast<int64_t>(size);
}

absl::Status CheckOptions(const ServableOptions& options) {
  MS_RETURN_IF_ERROR(EngineNamed(options.engine).status());
  constexpr int kMaxThreads = 1024;
  if (options.threads < 1 || options.threads > kMaxThreads) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads is ", options.threads, "; it must be from 1 to ", kMaxThreads));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<MagentaServable>> MagentaServable::Load(
    const std::string& path, const ServableOptions& options) {
  // First here and last to go: the bundle and TensorFlow's session are freed before.
  const FreeMemoryReturned returned;
  MS_RETURN_IF_ERROR(CheckOptions(options));
  MS_ASSIGN_OR_RETURN(const std::string file, ResolveBundlePath(path));
  MS_ASSIGN_OR_RETURN(const Bundle bundle, ReadBundle(file));
  EngineOptions engine;
  MS_ASSIGN_OR_RETURN(engine.engine, EngineNamed(options.engine));
  engine.self_check = options.self_check;
  engine.threads = options.threads;
  engine.max_in_flight = static_cast<int>(
      std::min<int64_t>(options.limits.max_in_flight, std::numeric_limits<int>::max()));
  absl::StatusOr<LoadedGenerator> loaded = LoadGenerator(bundle, engine);
  if (!loaded.ok()) return Annotate(loaded.status(), file);

  std::unique_ptr<MagentaServable> servable(new MagentaServable());
  servable->options_ = options;
  servable->info_ = DescribeBundle(bundle, *loaded);
  servable->info_.path = file;
  servable->generator_ = std::move(loaded->generator);
  servable->batcher_ = std::move(loaded->network.batcher);
  servable->signatures_ = MakeSignatures(*servable->generator_);
  return servable;
}

absl::StatusOr<TensorMap> MagentaServable::Predict(const std::string& signature_name,
                                                   const TensorMap& inputs,
                                                   const std::vector<std::string>& output_filter,
                                                   Deadline deadline,
                                                   const Cancellation* cancellation,
                                                   Usage* usage) const {
  const auto found = signatures_.find(signature_name.empty() ? kDefaultSignature : signature_name);
  if (found == signatures_.end()) {
    return absl::NotFoundError(absl::StrCat(
        "no signature '", signature_name, "'; there are ",
        absl::StrJoin(signatures_, ", ",
                      [](std::string* out, const auto& entry) { out->append(entry.first); })));
  }
  const Signature& signature = found->second;
  for (const std::string& name : output_filter) {
    if (std::none_of(signature.outputs.begin(), signature.outputs.end(),
                     [&](const OutputSpec& output) { return output.name == name; })) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown output '", name, "'; signature ", signature.method, " has ",
          absl::StrJoin(signature.outputs, ", ", [](std::string* out, const OutputSpec& output) {
            out->append(output.name);
          })));
    }
  }
  const CallContext context{options_.limits, deadline, cancellation, usage};
  MS_RETURN_IF_ERROR(context.CheckWanted());
  MS_ASSIGN_OR_RETURN(const Request request, ReadRequest(signature, inputs, options_.limits));
  Outputs outputs(signature, output_filter, request);
  const Tasks tasks(batcher_.get(), context);
  if (signature.method == kGenerate) {
    MS_RETURN_IF_ERROR(RunGenerate(*generator_, request, context, tasks, &outputs));
  } else if (signature.method == kGenerateSequence) {
    MS_RETURN_IF_ERROR(RunGenerateSequence(*generator_, request, tasks, &outputs));
  } else {
    MS_RETURN_IF_ERROR(RunScore(*generator_, request, tasks, &outputs));
  }
  return outputs.Take();
}

}  // namespace magenta_serving
