#include "servable/encoding/melody_one_hot_encoding.h"

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/melody.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {
namespace {

constexpr int kNumSpecialEvents = 2;

}  // namespace

absl::Status MelodyOneHotEncoding::CheckRange(int min_note, int max_note) {
  if (min_note < kMinMidiPitch) {
    return MagentaError("ValueError",
                        absl::StrCat("min_note must be >= 0. min_note is ", min_note, "."));
  }
  if (max_note > kMaxMidiPitch + 1) {
    return MagentaError("ValueError",
                        absl::StrCat("max_note must be <= 128. max_note is ", max_note, "."));
  }
  if (max_note <= min_note) {
    return MagentaError("ValueError", "max_note must be greater than min_note");
  }
  return absl::OkStatus();
}

int MelodyOneHotEncoding::num_classes() const { return max_note_ - min_note_ + kNumSpecialEvents; }

int MelodyOneHotEncoding::default_event() const { return kMelodyNoEvent; }

absl::StatusOr<int> MelodyOneHotEncoding::EncodeEvent(const int& event) const {
  if (event < -kNumSpecialEvents) {
    return MagentaError("ValueError", absl::StrCat("invalid melody event value: ", event));
  }
  if (event >= kMinMidiPitch && event < min_note_) {
    return MagentaError("ValueError", absl::StrCat("melody event less than min note: ", event,
                                                   " < ", min_note_));
  }
  if (event >= max_note_) {
    return MagentaError("ValueError", absl::StrCat("melody event greater than max note: ", event,
                                                   " >= ", max_note_));
  }
  return event < 0 ? event + kNumSpecialEvents : event - min_note_ + kNumSpecialEvents;
}

absl::StatusOr<int> MelodyOneHotEncoding::DecodeEvent(int index) const {
  if (index < kNumSpecialEvents) return index - kNumSpecialEvents;
  return index - kNumSpecialEvents + min_note_;
}

}  // namespace magenta_serving
