#include "servable/generation/melody_primer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "servable/base/status.h"
#include "servable/music/melody_extraction.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

constexpr char kPrimerMelody[] = "primer_melody";

}  // namespace

ArgumentSpec ScoredMelodyArgument() {
  return {kScoredMelody, "", "The melody to score: a list of melody events, as for primer_melody."};
}

ArgumentSpec PrimerMelodyArgument() {
  return {kPrimerMelody, "",
          "Primer: a list of melody events, one for each step: a pitch, -1 note off, -2 no event. "
          "Without any primer, melodies begin with middle C."};
}

PrimerFlag PrimerMelodyFlag(double qpm) {
  return {kPrimerMelody, [qpm](const std::string& value) -> absl::StatusOr<NoteSequence> {
            MS_ASSIGN_OR_RETURN(const Melody melody, ParseMelody(kPrimerMelody, value));
            return melody.ToSequence(100, 0, 0, 0.0, qpm);
          }};
}

absl::StatusOr<NoteSequence> MiddleC(double qpm) {
  return Melody::Create({60})->ToSequence(100, 0, 0, 0.0, qpm);
}

absl::StatusOr<Melody> ExtractOnlyMelody(const NoteSequence& quantized, int64_t start_step) {
  MS_ASSIGN_OR_RETURN(std::vector<Melody> melodies, ExtractMelodies(quantized, start_step));
  // An extraction whose gap is infinite gives one melody at most for each instrument.
  if (melodies.size() > 1) {
    return MagentaError("AssertionError", absl::StrCat(melodies.size(),
                                                       " instruments of the sequence have a "
                                                       "melody; only one may"));
  }
  return melodies.empty() ? Melody() : std::move(melodies[0]);
}

absl::StatusOr<ScoredMelody> ReadScoredMelody(const Arguments& arguments, const std::string& given,
                                              int steps_per_quarter) {
  ScoredMelody scored;
  if (given == kScoredMelody) {
    MS_ASSIGN_OR_RETURN(scored.melody, ParseMelody(given, arguments.Get<std::string>(given)));
    return scored;
  }
  MS_ASSIGN_OR_RETURN(scored.quantized, ReadQuantizedSequence(arguments, given, steps_per_quarter));
  MS_ASSIGN_OR_RETURN(scored.melody, ExtractOnlyMelody(scored.quantized, 0));
  if (scored.melody.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(given, ": no melody in the sequence"));
  }
  return scored;
}

absl::StatusOr<Melody> ExtractMelodyPrimer(const NoteSequence& quantized, int64_t input_start_step,
                                           const GeneratorOptions& options, double steps_per_second,
                                           const Limits& limits, GenerateSteps* steps) {
  MS_ASSIGN_OR_RETURN(Melody melody, ExtractOnlyMelody(quantized, input_start_step));
  MS_ASSIGN_OR_RETURN(*steps, QuantizeGenerateSection(options, steps_per_second));
  if (melody.empty()) {
    // One step of silence to continue from.
    MS_ASSIGN_OR_RETURN(const double steps_per_bar, StepsPerBarInQuantizedSequence(quantized));
    MS_ASSIGN_OR_RETURN(melody,
                        Melody::Create({}, std::max<int64_t>(0, steps->start - 1),
                                       static_cast<int64_t>(steps_per_bar),
                                       quantized.quantization_info().steps_per_quarter()));
  }
  const int64_t primer_steps = steps->start - melody.start_step();
  MS_RETURN_IF_ERROR(CheckPrimerSteps(primer_steps, limits.steps()));
  MS_RETURN_IF_ERROR(melody.SetLength(primer_steps));
  return melody;
}

}  // namespace magenta_serving
