#include "servable/music/key_histogram.h"

#include <algorithm>

namespace magenta_serving {
namespace {

// Semitones of a major scale above its tonic.
constexpr std::array<int, 7> kMajorScale = {0, 2, 4, 5, 7, 9, 11};

}  // namespace

Histogram NoteHistogram(absl::Span<const int> events) {
  Histogram histogram{};
  for (int event : events) {
    if (event >= kMinMidiPitch) ++histogram[event % kNotesPerOctave];
  }
  return histogram;
}

Histogram MajorKeyHistogram(const Histogram& note_histogram) {
  Histogram histogram{};
  for (int key = 0; key < kNotesPerOctave; ++key) {
    for (int interval : kMajorScale) {
      histogram[key] += note_histogram[(key + interval) % kNotesPerOctave];
    }
  }
  return histogram;
}

int MajorKey(absl::Span<const int> events) {
  const Histogram histogram = MajorKeyHistogram(NoteHistogram(events));
  return std::max_element(histogram.begin(), histogram.end()) - histogram.begin();
}

}  // namespace magenta_serving
