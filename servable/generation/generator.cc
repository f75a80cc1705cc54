#include "servable/generation/generator.h"

#include <numeric>

#include "servable/base/status.h"
#include "servable/generation/generator_options.h"
#include "servable/generation/sections.h"

namespace magenta_serving {

absl::StatusOr<GeneratorInput> Generator::MakeInput(const Arguments& arguments,
                                                    const CallContext& context) const {
  MS_RETURN_IF_ERROR(CheckGenerateEventsArguments(arguments));
  MS_ASSIGN_OR_RETURN(GeneratorInput input, MakeFamilyInput(arguments, context));
  SetGenerateEventsOptions(arguments, &input.options);
  return input;
}

absl::StatusOr<Generation> Generator::Generate(const NoteSequence& input,
                                               const GeneratorOptions& options, NumpyRandom* random,
                                               const CallContext& context) const {
  MS_RETURN_IF_ERROR(context.CheckWanted());
  MS_RETURN_IF_ERROR(CheckSections(options));
  MS_ASSIGN_OR_RETURN(Generation generation, GenerateSection(input, options, random, context));
  MS_RETURN_IF_ERROR(
      CheckGeneratedEnd(generation.sequence, options.generate_sections(0).end_time()));
  return generation;
}

absl::StatusOr<SequenceScore> Generator::Score(const Arguments& arguments,
                                               const CallContext& context) const {
  MS_RETURN_IF_ERROR(context.CheckWanted());
  MS_ASSIGN_OR_RETURN(const std::unique_ptr<EventTrack> track, ReadScoredTrack(arguments, context));
  SequenceScore score;
  MS_ASSIGN_OR_RETURN(score.event_log_likelihoods, LogLikelihoods(*track, context));
  score.log_likelihood =
      std::accumulate(score.event_log_likelihoods.begin(), score.event_log_likelihoods.end(), 0.0);
  return score;
}

}  // namespace magenta_serving
