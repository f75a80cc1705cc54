// The values that condition a performance while it grows, which may change over its time.
// Reproduces how performance_sequence_generator.py reads notes_per_second, pitch_class_histogram
// and disable_conditioning, and _extend_control_events of performance_model.py, both in
// magenta/models/performance_rnn.
#ifndef MAGENTA_SERVING_GENERATION_PERFORMANCE_CONTROLS_H_
#define MAGENTA_SERVING_GENERATION_PERFORMANCE_CONTROLS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/encoding/performance_control_encoder.h"
#include "servable/generation/generator.h"
#include "servable/music/performance.h"

namespace magenta_serving {

inline constexpr char kNotesPerSecond[] = "notes_per_second";
inline constexpr char kPitchClassHistogram[] = "pitch_class_histogram";
inline constexpr char kDisableConditioning[] = "disable_conditioning";

// What a request says about the controls. Each list holds the values of equal parts of the
// performance, in order.
struct PerformanceControlValues {
  std::vector<double> notes_per_second;
  std::vector<std::shared_ptr<const absl::StatusOr<PitchHistogram>>> pitch_class_histograms;
  std::vector<bool> disabled;

  // Density to expect when the length in events is estimated.
  double mean_note_density = 15;

  // Python's error when conditioning begins with these values; OK if they can be used.
  absl::Status usable;
};

// The text of a control, a Python literal; nullopt if it is not given.
using ControlText = std::function<std::optional<std::string>(const char* name)>;

// Reads the controls that `signals` has, each a value or a list of values; defaults are 15 notes
// per second, equal weights and enabled. Magenta only logs values that make no sense, and uses
// them: so here, with the errors that Python then meets, in `usable`, in histograms or at once
// (ZeroDivisionError and TypeError for densities; SyntaxError and ValueError for texts that are no
// literals). Without optional conditioning, a given disable_conditioning is a TypeError in
// `usable`. Sets, dictionaries and bytes count as values that cannot be used.
absl::StatusOr<PerformanceControlValues> ReadControlValues(
    const PerformanceControlEncoder::Signals& signals, const ControlText& text);

// OK unless one of the texts given for the controls of `signals` is something that Magenta logs as
// invalid: then INVALID_ARGUMENT naming it.
absl::Status CheckControlTexts(const PerformanceControlEncoder::Signals& signals,
                               const ControlText& text);

// The controls of a growing performance: one for its beginning and one for the time that each of
// its events leads to. A value type, for ConditionalTrack.
class PerformanceControls {
 public:
  // `total_steps` is the length in steps over which the values are spread, at least 1.
  PerformanceControls(std::shared_ptr<const PerformanceControlValues> values, int64_t total_steps);

  const std::vector<PerformanceControl>& events() const { return events_; }

  // Adds the controls for the events of `performance` that were not there before.
  void Extend(const Performance& performance);

 private:
  PerformanceControl At(int64_t step) const;

  std::shared_ptr<const PerformanceControlValues> values_;
  int64_t total_steps_;
  int64_t step_ = 0;  // where the performance ends so far
  std::vector<PerformanceControl> events_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PERFORMANCE_CONTROLS_H_
