#include "servable/encoding/performance_control_encoder.h"

#include <algorithm>
#include <iterator>

namespace magenta_serving {
namespace {

// Where one bin of densities ends and the next begins, in notes per second.
constexpr double kDensityBins[] = {1, 2, 4, 8, 16, 32, 64};
constexpr int kNumDensityClasses = std::size(kDensityBins) + 1;

void WriteDensity(double notes_per_second, absl::Span<float> input) {
  const auto* bin = std::find_if(std::begin(kDensityBins), std::end(kDensityBins),
                                 [=](double bound) { return notes_per_second < bound; });
  input[bin - std::begin(kDensityBins)] = 1.0f;
}

void WriteHistogram(const PitchHistogram& histogram, absl::Span<float> input) {
  double total = 0;
  for (double weight : histogram) total += weight;
  for (size_t i = 0; i < histogram.size(); ++i) {
    input[i] = static_cast<float>(total > 0 ? histogram[i] / total : 1.0 / double{kNotesPerOctave});
  }
}

}  // namespace

int PerformanceControlEncoder::input_size() const {
  return (signals_.optional ? 1 : 0) + (signals_.note_density ? kNumDensityClasses : 0) +
         (signals_.pitch_histogram ? kNotesPerOctave : 0);
}

absl::Status PerformanceControlEncoder::EventsToInput(absl::Span<const PerformanceControl> events,
                                                      int position, absl::Span<float> input) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  const PerformanceControl& control = events[position];
  std::fill(input.begin(), input.end(), 0.0f);
  if (signals_.optional) {
    if (control.disabled) {
      input[0] = 1.0f;
      return absl::OkStatus();
    }
    input.remove_prefix(1);
  }
  if (signals_.note_density) {
    WriteDensity(control.notes_per_second, input);
    input.remove_prefix(kNumDensityClasses);
  }
  if (signals_.pitch_histogram) {
    if (control.pitch_class_histogram == nullptr) {
      WriteHistogram(PitchHistogram{}, input);
    } else {
      MS_RETURN_IF_ERROR(control.pitch_class_histogram->status());
      WriteHistogram(**control.pitch_class_histogram, input);
    }
  }
  return absl::OkStatus();
}

}  // namespace magenta_serving
