#include "servable/encoding/multi_drum_one_hot_encoding.h"

#include <cstddef>

namespace magenta_serving {

const std::vector<std::vector<int>>& DefaultDrumTypePitches() {
  static const auto& types = *new std::vector<std::vector<int>>{
      {36, 35},                                                          // kick drum
      {38, 27, 28, 31, 32, 33, 34, 37, 39, 40, 56, 65, 66, 75, 85},      // snare drum
      {42, 44, 54, 68, 69, 70, 71, 73, 78, 80, 22},                      // closed hi-hat
      {46, 67, 72, 74, 79, 81, 26},                                      // open hi-hat
      {45, 29, 41, 43, 61, 64, 84},                                      // low tom
      {48, 47, 60, 63, 77, 86, 87},                                      // mid tom
      {50, 30, 62, 76, 83},                                              // high tom
      {49, 52, 55, 57, 58},                                              // crash cymbal
      {51, 53, 59, 82},                                                  // ride cymbal
  };
  return types;
}

const std::vector<std::vector<int>>& OneDrumTypePitches() {
  static const auto& types = *[] {
    constexpr int kHandClap = 39;
    auto* one = new std::vector<std::vector<int>>{{kHandClap}};
    for (int pitch = kMinMidiPitch; pitch <= kMaxMidiPitch; ++pitch) {
      if (pitch != kHandClap) one->front().push_back(pitch);
    }
    return one;
  }();
  return types;
}

MultiDrumOneHotEncoding::MultiDrumOneHotEncoding(
    const std::vector<std::vector<int>>& drum_type_pitches) {
  type_bit_of_pitch_.fill(0);
  for (size_t type = 0; type < drum_type_pitches.size(); ++type) {
    first_pitches_.push_back(drum_type_pitches[type].front());
    for (int pitch : drum_type_pitches[type]) type_bit_of_pitch_[pitch] = 1 << type;
  }
}

int MultiDrumOneHotEncoding::num_classes() const { return 1 << first_pitches_.size(); }

DrumEvent MultiDrumOneHotEncoding::default_event() const { return DrumEvent(); }

absl::StatusOr<int> MultiDrumOneHotEncoding::EncodeEvent(const DrumEvent& event) const {
  int index = 0;
  for (int pitch : event.pitches()) {
    if (pitch >= kMinMidiPitch && pitch <= kMaxMidiPitch) index |= type_bit_of_pitch_[pitch];
  }
  return index;
}

absl::StatusOr<DrumEvent> MultiDrumOneHotEncoding::DecodeEvent(int index) const {
  std::vector<int> pitches;
  for (size_t type = 0; type < first_pitches_.size(); ++type) {
    if (index & (1 << type)) pitches.push_back(first_pitches_[type]);
  }
  return DrumEvent(pitches);
}

}  // namespace magenta_serving
