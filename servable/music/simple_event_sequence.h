// What melodies, drum tracks and chord progressions share, as SimpleEventSequence of
// note_seq/events_lib.py: one event for each step of a grid.
#ifndef MAGENTA_SERVING_MUSIC_SIMPLE_EVENT_SEQUENCE_H_
#define MAGENTA_SERVING_MUSIC_SIMPLE_EVENT_SEQUENCE_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "servable/base/status.h"
#include "servable/music/note_sequence.h"
#include "servable/music/quantize.h"

namespace magenta_serving {

template <typename Event>
class SimpleEventSequence {
 public:
  const std::vector<Event>& events() const { return events_; }
  int size() const { return static_cast<int>(events_.size()); }
  bool empty() const { return events_.empty(); }
  int64_t start_step() const { return start_step_; }
  // As Python keeps it: start_step plus the last length asked for, which may have been negative.
  int64_t end_step() const { return end_step_; }
  int64_t steps_per_bar() const { return steps_per_bar_; }
  int steps_per_quarter() const { return steps_per_quarter_; }

 protected:
  SimpleEventSequence() = default;

  explicit SimpleEventSequence(std::vector<Event> events, int64_t start_step = 0,
                               int64_t steps_per_bar = kDefaultStepsPerBar,
                               int steps_per_quarter = kDefaultStepsPerQuarter)
      : events_(std::move(events)),
        start_step_(start_step),
        end_step_(start_step + size()),
        steps_per_bar_(steps_per_bar),
        steps_per_quarter_(steps_per_quarter) {}

  // Cuts the end off, or adds `padding`. A negative length takes that many events off, as a Python
  // slice does. ValueError when end_step would overflow, InvalidArgument beyond kMaxEvents; `what`
  // is the sequence in its text.
  absl::Status Resize(absl::string_view what, int64_t steps, const Event& padding) {
    MS_RETURN_IF_ERROR(CheckLength(what, steps));
    int64_t end_step = 0;
    if (__builtin_add_overflow(start_step_, steps, &end_step)) {
      return MagentaError("ValueError", absl::StrCat("Value out of range: ", steps));
    }
    end_step_ = end_step;
    events_.resize(steps >= 0 ? steps : std::max<int64_t>(0, size() + steps), padding);
    return absl::OkStatus();
  }

  std::vector<Event> events_;
  int64_t start_step_ = 0;
  int64_t end_step_ = 0;
  int64_t steps_per_bar_ = kDefaultStepsPerBar;
  int steps_per_quarter_ = kDefaultStepsPerQuarter;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_SIMPLE_EVENT_SEQUENCE_H_
