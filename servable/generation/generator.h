// A bundle's generator: from a request to a NoteSequence. One subclass for each family of models
// (melody, ...). Reproduces magenta/models/shared/sequence_generator.py.
#ifndef MAGENTA_SERVING_GENERATION_GENERATOR_H_
#define MAGENTA_SERVING_GENERATION_GENERATOR_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "note_seq/protobuf/generator.pb.h"
#include "servable/generation/arguments.h"
#include "servable/generation/call_context.h"
#include "servable/generation/event_track.h"
#include "servable/generation/numpy_random.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

using GeneratorOptions = ::magenta::GeneratorOptions;

// What a generator says of itself.
struct GeneratorDescription {
  std::string family;  // "melody", "drums", ...
  std::string config;  // Magenta's name: "attention_rnn"; some configs share a bundle's id
  // The parameters of the config that a description of the model should show: "min_note" -> 48.
  std::map<std::string, int> config_values;
  std::vector<ArgumentSpec> arguments;  // of MakeInput: the flags of the *_generate command
  std::vector<ArgumentSpec> score_arguments;
};

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
  double log_likelihood = 0;                  // total
  std::vector<double> event_log_likelihoods;  // of each event, of most models but for the first
};

// Thread-safe: calls may run at the same time, each with its own random stream.
class Generator {
 public:
  virtual ~Generator() = default;

  const std::string& family() const { return description_.family; }
  const std::string& config() const { return description_.config; }
  const std::map<std::string, int>& config_values() const { return description_.config_values; }
  const std::vector<ArgumentSpec>& arguments() const { return description_.arguments; }
  const std::vector<ArgumentSpec>& score_arguments() const { return description_.score_arguments; }

  // What the family's *_generate command would pass to generate() for these flags.
  absl::StatusOr<GeneratorInput> MakeInput(const Arguments& arguments,
                                           const CallContext& context) const;

  // Magenta's generator.generate(input, options), with its errors.
  absl::StatusOr<Generation> Generate(const NoteSequence& input, const GeneratorOptions& options,
                                      NumpyRandom* random, const CallContext& context) const;

  // What the command does with a generated sequence before it writes it: nothing, for most.
  virtual absl::Status Finish(const Arguments& arguments, NoteSequence* sequence) const {
    return absl::OkStatus();
  }

  // The likelihood of a given sequence under the model at temperature 1.
  absl::StatusOr<SequenceScore> Score(const Arguments& arguments, const CallContext& context) const;

 protected:
  explicit Generator(GeneratorDescription description) : description_(std::move(description)) {}

 private:
  // MakeInput without what all families share, which is how events are sampled.
  virtual absl::StatusOr<GeneratorInput> MakeFamilyInput(const Arguments& arguments,
                                                         const CallContext& context) const = 0;

  // Generate without what all families share: there is one section to generate, and whether the
  // sequence ends with it is checked.
  virtual absl::StatusOr<Generation> GenerateSection(const NoteSequence& input,
                                                     const GeneratorOptions& options,
                                                     NumpyRandom* random,
                                                     const CallContext& context) const = 0;

  // The track that Score is asked about, and the log-likelihoods of its events.
  virtual absl::StatusOr<std::unique_ptr<EventTrack>> ReadScoredTrack(
      const Arguments& arguments, const CallContext& context) const = 0;
  virtual absl::StatusOr<std::vector<double>> LogLikelihoods(const EventTrack& track,
                                                             const CallContext& context) const = 0;

  const GeneratorDescription description_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_GENERATOR_H_
