// A bundle's generator: from a request to a NoteSequence. One subclass for each family of models
// (melody, ...). Reproduces magenta/models/shared/sequence_generator.py.
#ifndef MAGENTA_SERVING_GENERATION_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_GENERATOR_H_

#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "note_seq/protobuf/generator.pb.h"
#include "servable/generation/arguments.h"
#include "servable/generation/call_context.h"
#include "servable/generation/numpy_random.h"
#include "servable/music/note_sequence.h"
#include "servable/rnn/step_model.h"

namespace magenta_serving {

using GeneratorOptions = ::magenta::GeneratorOptions;

// What Magenta's generator.generate() takes.
struct GeneratorInput {
  NoteSequence sequence;
  GeneratorOptions options;
};

struct Generation {
  NoteSequence sequence;
  float log_likelihood = 0;  // of the events under the model, as Magenta's beam search sums it
};

struct SequenceScore {
  SequenceScore() = default;
  // `events` has one log-likelihood for each event after the first.
  explicit SequenceScore(std::vector<float> events)
      : log_likelihood(std::accumulate(events.begin(), events.end(), 0.0)),
        event_log_likelihoods(std::move(events)) {}

  double log_likelihood = 0;  // total
  std::vector<float> event_log_likelihoods;
};

// INVALID_ARGUMENT unless `model` is one for events that `config` encodes in `input_size` values and
// draws from heads of these sizes.
absl::Status CheckModelShape(const std::string& config, const StepShape& model, int input_size,
                             const std::vector<int>& head_sizes);

// Thread-safe: calls may run at the same time, each with its own random stream.
class Generator {
 public:
  virtual ~Generator() = default;

  // "melody", "drums", ...
  virtual std::string family() const = 0;

  // Magenta's name of the config: "attention_rnn". Some configs share a bundle's id.
  virtual std::string config() const = 0;

  // The parameters of the config that a description of the model should show: "min_note" -> 48.
  virtual std::map<std::string, int> config_values() const = 0;

  // The arguments that MakeInput reads: the flags of the family's *_generate command.
  virtual const std::vector<ArgumentSpec>& arguments() const = 0;

  // The arguments that Score reads.
  virtual const std::vector<ArgumentSpec>& score_arguments() const = 0;

  // What the family's *_generate command would pass to generate() for these flags.
  virtual absl::StatusOr<GeneratorInput> MakeInput(const Arguments& arguments,
                                                   const CallContext& context) const = 0;

  // Magenta's generator.generate(input, options), with its errors.
  virtual absl::StatusOr<Generation> Generate(const NoteSequence& input,
                                              const GeneratorOptions& options, NumpyRandom* random,
                                              const CallContext& context) const = 0;

  // What the command does with a generated sequence before it writes it: nothing, for most.
  virtual absl::Status Finish(const Arguments& arguments, NoteSequence* sequence) const {
    return absl::OkStatus();
  }

  // The likelihood of a given sequence under the model at temperature 1.
  virtual absl::StatusOr<SequenceScore> Score(const Arguments& arguments,
                                              const CallContext& context) const = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_GENERATOR_H_
