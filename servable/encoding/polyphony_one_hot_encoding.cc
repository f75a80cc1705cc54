#include "servable/encoding/polyphony_one_hot_encoding.h"

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {
namespace {

constexpr int kNumSpecialEvents = 3;
constexpr int kNumClasses = kNumSpecialEvents + 2 * kNumMidiPitches;

}  // namespace

int PolyphonyOneHotEncoding::num_classes() const { return kNumClasses; }

PolyphonicEvent PolyphonyOneHotEncoding::default_event() const {
  return {PolyphonicEvent::kStepEnd, 0};
}

absl::StatusOr<int> PolyphonyOneHotEncoding::EncodeEvent(const PolyphonicEvent& event) const {
  if (event.type < kNumSpecialEvents) return event.type;
  if (event.pitch == PolyphonicEvent::kNoPitch)
    return MagentaError("TypeError", "a note without a pitch has no class");
  return kNumSpecialEvents + (event.type - kNumSpecialEvents) * kNumMidiPitches + event.pitch;
}

absl::StatusOr<PolyphonicEvent> PolyphonyOneHotEncoding::DecodeEvent(int index) const {
  if (index < 0 || index >= kNumClasses)
    return MagentaError("ValueError", absl::StrCat("Unknown event index: ", index));
  if (index < kNumSpecialEvents)
    return PolyphonicEvent{static_cast<PolyphonicEvent::Type>(index), 0};
  const int pitched_index = index - kNumSpecialEvents;
  return PolyphonicEvent{
      static_cast<PolyphonicEvent::Type>(kNumSpecialEvents + pitched_index / kNumMidiPitches),
      pitched_index % kNumMidiPitches};
}

}  // namespace magenta_serving
